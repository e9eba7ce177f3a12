// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.FeatureReader;
import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.inference.ClassPredictor;
import io.sparkgrad.spark.param.NetworkParams;
import io.sparkgrad.spark.param.ParamSet;
import io.sparkgrad.spark.param.ParamText;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.train.BarrierTrainer;
import io.sparkgrad.spark.train.EpochMetrics;
import io.sparkgrad.spark.train.NetworkFactory;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
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
public final class AutogradClassificationModel extends Model<AutogradClassificationModel>
    implements NetworkParams<AutogradClassificationModel>, MLWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final ParamSet params;
  private final byte[] weights;
  private transient @Nullable Shipped shipped;
  private transient @Nullable Module local;

  /**
   * Made by {@link AutogradClassifier} and by {@link #load}.
   *
   * @param weights of the whole network as a safetensors file, whose metadata hold the history
   */
  AutogradClassificationModel(String uid, byte[] weights) {
    this.uid = uid;
    this.params = new ParamSet(this);
    this.weights = weights;
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public ParamSet declared() {
    return params;
  }

  @Override
  public String explainParam(Param<?> param) {
    return ParamText.explain(this, param);
  }

  public int numClasses() {
    return NetworkFactory.outputs(
        local(), Arrays.stream(getInputShape()).mapToObj(Long::valueOf).toList());
  }

  /** Loss and accuracy of each training epoch; saved with the weights. */
  public List<EpochMetrics> history() {
    return BarrierTrainer.history(weights);
  }

  /** A fresh copy of the network, in eval mode, with what was frozen in training still frozen. */
  public Module module() {
    Module network = NetworkFactory.restored(getNetwork(), weights);
    network.freeze(List.of(getFrozenLayers()));
    network.eval();
    return network;
  }

  /** The names of the parameters that training left as they were. */
  public List<String> frozenParameters() {
    return local().freeze(List.of(getFrozenLayers()));
  }

  private synchronized Module local() {
    Module network = local;
    if (network == null) {
      network = module();
      local = network;
    }
    return network;
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
      s = new Shipped(context, JavaSparkContext.fromSparkContext(context).broadcast(weights));
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
  static List<StructField> outputs(NetworkParams<?> stage) {
    List<String> names = outputNames(stage);
    return List.of(
        new StructField(names.get(0), SQLDataTypes.VectorType(), false, Metadata.empty()),
        new StructField(names.get(1), SQLDataTypes.VectorType(), false, Metadata.empty()),
        new StructField(names.get(2), DataTypes.DoubleType, false, Metadata.empty()));
  }

  private static List<String> outputNames(NetworkParams<?> stage) {
    return List.of(
        stage.getRawPredictionCol(), stage.getProbabilityCol(), stage.getPredictionCol());
  }

  @Override
  public AutogradClassificationModel copy(ParamMap extra) {
    AutogradClassificationModel copy = new AutogradClassificationModel(uid, weights);
    copyValues(copy, extra);
    return copy.setParent(parent());
  }

  @Override
  public MLWriter write() {
    return StageFiles.modelWriter(this, getNetwork(), weights);
  }

  public static MLReader<AutogradClassificationModel> read() {
    return StageFiles.modelReader(
        AutogradClassificationModel.class, AutogradClassificationModel::new);
  }

  public static AutogradClassificationModel load(String path) {
    return read().load(path);
  }
}
