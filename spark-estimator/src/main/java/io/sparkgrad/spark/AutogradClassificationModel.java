// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.FeatureReader;
import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.inference.ClassPredictor;
import io.sparkgrad.spark.param.ProbabilityParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.persist.StageFiles.Fitted;
import io.sparkgrad.spark.train.NetworkFactory;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A fitted network that tells classes apart. Rows go through it in batches; its weights are
 * broadcast once.
 */
public final class AutogradClassificationModel extends NetworkModel<AutogradClassificationModel>
    implements ProbabilityParams<AutogradClassificationModel> {
  private static final long serialVersionUID = 1L;

  private final ProbabilityParams.Declared probabilityParams;
  private transient @Nullable Shipped shipped;

  /** Made by {@link AutogradClassifier} and by {@link #load}. */
  AutogradClassificationModel(String uid, Fitted fitted) {
    super(uid, fitted);
    this.probabilityParams = new ProbabilityParams.Declared(this);
  }

  @Override
  public ProbabilityParams.Declared probabilityParams() {
    return probabilityParams;
  }

  public int numClasses() {
    return NetworkFactory.outputs(
        local(), Arrays.stream(getInputShape()).mapToObj(Long::valueOf).toList());
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    ClassPredictor predictor =
        new ClassPredictor(
            getNetwork(),
            broadcast(dataset.sparkSession().sparkContext()),
            shape(),
            getInferenceBatchSize(),
            new FeatureReader(getFeaturesCol(), rowLength()),
            Arrays.asList(dataset.schema().fieldNames()).indexOf(getFeaturesCol()),
            outputNames(this).stream().map(name -> !name.isEmpty()).toList());
    return dataset.toDF().mapPartitions(predictor, Encoders.row(schema));
  }

  /** Once per application: a model may outlive the session that it was trained in. */
  private synchronized Broadcast<byte[]> broadcast(SparkContext context) {
    Shipped s = shipped;
    if (s == null || s.context() != context) {
      s =
          new Shipped(
              context, JavaSparkContext.fromSparkContext(context).broadcast(fitted().weights()));
      shipped = s;
    }
    return s.weights();
  }

  private record Shipped(SparkContext context, Broadcast<byte[]> weights) {}

  /** The most probable class of one row. */
  public double predict(Vector features) {
    return predictRaw(features).argmax();
  }

  /** What the network puts out for one row. */
  public Vector predictRaw(Vector features) {
    float[] x = new FeatureReader(getFeaturesCol(), rowLength()).read(features, "the vector");
    long[] batch = new long[shape().length + 1];
    batch[0] = 1;
    System.arraycopy(shape(), 0, batch, 1, shape().length);
    Module network = local(); // outlives the scope
    try (var mode = GradMode.noGrad();
        var scope = TensorScope.open()) {
      return ClassPredictor.rawVector(network.call(Tensor.of(x, batch)).toFloatArray());
    }
  }

  /** The probabilities of the classes for one row. */
  public Vector predictProbability(Vector features) {
    return ClassPredictor.softmax(predictRaw(features));
  }

  private long[] shape() {
    return Arrays.stream(getInputShape()).asLongStream().toArray();
  }

  private int rowLength() {
    return Arrays.stream(getInputShape()).reduce(1, Math::multiplyExact);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    InputColumns.checkFeatures(schema, getFeaturesCol());
    return InputColumns.append(schema, outputs(this));
  }

  /** The output columns in order, also those that are switched off by an empty name. */
  static List<StructField> outputs(ProbabilityParams<?> stage) {
    List<String> names = outputNames(stage);
    return List.of(
        new StructField(names.get(0), SQLDataTypes.VectorType(), false, Metadata.empty()),
        new StructField(names.get(1), SQLDataTypes.VectorType(), false, Metadata.empty()),
        new StructField(names.get(2), DataTypes.DoubleType, false, Metadata.empty()));
  }

  private static List<String> outputNames(ProbabilityParams<?> stage) {
    return List.of(
        stage.getRawPredictionCol(),
        stage.getProbabilityCol(),
        ((io.sparkgrad.spark.param.NetworkParams<?>) stage).getPredictionCol());
  }

  @Override
  public AutogradClassificationModel copy(ParamMap extra) {
    AutogradClassificationModel copy = new AutogradClassificationModel(uid(), fitted());
    copyValues(copy, extra);
    return copy.setParent(parent());
  }

  public static MLReader<AutogradClassificationModel> read() {
    return StageFiles.modelReader(
        AutogradClassificationModel.class, AutogradClassificationModel::new);
  }

  public static AutogradClassificationModel load(String path) {
    return read().load(path);
  }
}
