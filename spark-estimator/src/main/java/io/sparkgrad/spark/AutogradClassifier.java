// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.data.InputColumns;
import io.sparkgrad.spark.data.LabelSpec;
import io.sparkgrad.spark.param.ClassLossParams;
import io.sparkgrad.spark.param.ProbabilityParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.train.NetworkProbe;
import io.sparkgrad.spark.train.Objective;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Trains a network to tell classes apart, by cross-entropy, with synchronous gradient averaging
 * over {@code numWorkers} tasks that run at once. The gradient of each step is the weighted mean
 * over the rows of all workers. {@code frozenLayers} names what stays as it is.
 *
 * <pre>{@code
 * AutogradClassificationModel model =
 *     new AutogradClassifier()
 *         .setNetwork(MobileNetV4.convSmall050(10))
 *         .setInputShape(1, 112, 112)
 *         .setInitialWeights("detypify_mnv4_backbone336.safetensors")
 *         .setFrozenLayers("conv_stem", "blocks")
 *         .setNumWorkers(2)
 *         .fit(images);
 * }</pre>
 */
public final class AutogradClassifier
    extends NetworkEstimator<AutogradClassifier, AutogradClassificationModel>
    implements ProbabilityParams<AutogradClassifier>, ClassLossParams<AutogradClassifier> {
  private static final long serialVersionUID = 1L;

  private final ProbabilityParams.Declared probabilityParams;
  private final ClassLossParams.Declared classLossParams;

  public AutogradClassifier() {
    this(Identifiable$.MODULE$.randomUID("autogradClassifier"));
  }

  public AutogradClassifier(String uid) {
    super(uid, List.of("crossEntropy", "nll"));
    this.probabilityParams = new ProbabilityParams.Declared(this);
    this.classLossParams = new ClassLossParams.Declared(this);
  }

  @Override
  public ProbabilityParams.Declared probabilityParams() {
    return probabilityParams;
  }

  @Override
  public ClassLossParams.Declared classLossParams() {
    return classLossParams;
  }

  @Override
  Objective objective() {
    Objective objective = Objective.of(getLoss()).withLabelSmoothing(getLabelSmoothing());
    return isDefined(classWeights())
        ? objective.withClassWeights(Arrays.stream(getClassWeights()).boxed().toList())
        : objective;
  }

  @Override
  AutogradClassificationModel model(StageFiles.Fitted fitted) {
    return new AutogradClassificationModel(uid(), fitted);
  }

  @Override
  void checkLabel(StructType schema) {
    InputColumns.checkNumeric(schema, "labelCol", getLabelCol());
  }

  @Override
  LabelSpec labels(StructType schema, NetworkProbe probe) {
    return LabelSpec.classes(schema, getLabelCol(), probe.classes());
  }

  @Override
  List<StructField> outputFields(StructType schema) {
    return List.of(
        new StructField(getRawPredictionCol(), SQLDataTypes.VectorType(), false, Metadata.empty()),
        new StructField(getProbabilityCol(), SQLDataTypes.VectorType(), false, Metadata.empty()),
        new StructField(getPredictionCol(), DataTypes.DoubleType, false, Metadata.empty()));
  }

  @Override
  public AutogradClassifier copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<AutogradClassifier> read() {
    return StageFiles.estimatorReader(AutogradClassifier.class, AutogradClassifier::new);
  }

  public static AutogradClassifier load(String path) {
    return read().load(path);
  }
}
