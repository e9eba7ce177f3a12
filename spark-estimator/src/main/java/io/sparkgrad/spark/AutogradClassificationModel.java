// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.data.InputSpec;
import io.sparkgrad.spark.inference.ClassOutputs;
import io.sparkgrad.spark.inference.NetworkBroadcast;
import io.sparkgrad.spark.inference.PredictionPlan;
import io.sparkgrad.spark.inference.Predictions;
import io.sparkgrad.spark.inference.SharedNetwork;
import io.sparkgrad.spark.inference.VectorOutputs;
import io.sparkgrad.spark.param.ProbabilityParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.persist.StageFiles.Fitted;
import io.sparkgrad.spark.train.NetworkFactory;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
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
  private transient @Nullable NetworkBroadcast broadcast;

  /** 0 until somebody asks. */
  private transient int numClasses;

  /** Made by {@link AutogradClassifier} and by {@link #load}. */
  AutogradClassificationModel(String uid, Fitted fitted) {
    super(uid, fitted);
    this.probabilityParams = new ProbabilityParams.Declared(this);
  }

  @Override
  public ProbabilityParams.Declared probabilityParams() {
    return probabilityParams;
  }

  public synchronized int numClasses() {
    if (numClasses == 0) {
      numClasses =
          NetworkFactory.outputs(
              local(), Arrays.stream(getInputShape()).mapToObj(Long::valueOf).toList());
    }
    return numClasses;
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    return Predictions.append(dataset, plan(dataset.schema()));
  }

  private PredictionPlan plan(StructType schema) {
    List<Long> shape = Arrays.stream(getInputShape()).mapToObj(Long::valueOf).toList();
    InputSpec input = InputSpec.of(schema, List.of(getFeaturesCol()), shape, false);
    return new PredictionPlan(broadcast(), List.of(input), getInferenceBatchSize(), classOutputs());
  }

  private ClassOutputs classOutputs() {
    return new ClassOutputs(
        numClasses(),
        getRawPredictionCol(),
        getProbabilityCol(),
        getPredictionCol(),
        isDefined(thresholds()) ? getThresholds() : null);
  }

  private synchronized NetworkBroadcast broadcast() {
    NetworkBroadcast b = broadcast;
    if (b == null) {
      b = new NetworkBroadcast(new SharedNetwork(getNetwork(), fitted().weights()));
      broadcast = b;
    }
    return b;
  }

  /** The most probable class of one row or, with thresholds, the one that they choose. */
  public double predict(Vector features) {
    return classOutputs().prediction(predictRaw(features));
  }

  /** What the network puts out for one row. */
  public Vector predictRaw(Vector features) {
    StructType schema = new StructType().add(getFeaturesCol(), SQLDataTypes.VectorType());
    float[] output = Predictions.single(plan(schema), features);
    return VectorOutputs.vector(output, 0, output.length);
  }

  /** The probabilities of the classes for one row. */
  public Vector predictProbability(Vector features) {
    return ClassOutputs.probability(predictRaw(features));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    InputColumns.checkFeatures(schema, getFeaturesCol());
    return InputColumns.append(schema, classOutputs().fields());
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
    copy.broadcast = broadcast();
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
