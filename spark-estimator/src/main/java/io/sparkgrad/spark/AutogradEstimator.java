// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.data.LabelSpec;
import io.sparkgrad.spark.param.ClassLossParams;
import io.sparkgrad.spark.param.LabelParams;
import io.sparkgrad.spark.param.LossThresholdParams;
import io.sparkgrad.spark.param.OutputParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.train.NetworkProbe;
import io.sparkgrad.spark.train.Objective;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Trains any network by any loss: several labels at once by {@code bceWithLogits}, embeddings,
 * autoencoders. What the network puts out becomes one Vector or array column.
 */
public final class AutogradEstimator extends NetworkEstimator<AutogradEstimator, AutogradModel>
    implements LabelParams<AutogradEstimator>,
        ClassLossParams<AutogradEstimator>,
        LossThresholdParams<AutogradEstimator>,
        OutputParams<AutogradEstimator> {
  private static final long serialVersionUID = 1L;

  private final LabelParams.Declared labelParams;
  private final ClassLossParams.Declared classLossParams;
  private final LossThresholdParams.Declared lossThresholdParams;
  private final OutputParams.Declared outputParams;

  public AutogradEstimator() {
    this(Identifiable$.MODULE$.randomUID("autogradEstimator"));
  }

  public AutogradEstimator(String uid) {
    super(
        uid,
        List.of(
            "mse", "l1", "smoothL1", "huber", "crossEntropy", "nll", "bceWithLogits", "bce", "kl"));
    this.labelParams = new LabelParams.Declared(this);
    this.classLossParams = new ClassLossParams.Declared(this);
    this.lossThresholdParams = new LossThresholdParams.Declared(this);
    this.outputParams = new OutputParams.Declared(this);
  }

  @Override
  public LabelParams.Declared labelParams() {
    return labelParams;
  }

  @Override
  public ClassLossParams.Declared classLossParams() {
    return classLossParams;
  }

  @Override
  public LossThresholdParams.Declared lossThresholdParams() {
    return lossThresholdParams;
  }

  @Override
  public OutputParams.Declared outputParams() {
    return outputParams;
  }

  @Override
  Objective objective() {
    Objective objective =
        Objective.of(getLoss())
            .withLabelSmoothing(getLabelSmoothing())
            .withThreshold(getLossThreshold());
    return isDefined(classWeights())
        ? objective.withClassWeights(Arrays.stream(getClassWeights()).boxed().toList())
        : objective;
  }

  @Override
  void checkLabel(StructType schema) {
    LabelSpec.checkValues(schema, getLabelCol());
  }

  @Override
  LabelSpec labels(StructType schema, NetworkProbe probe) {
    boolean ofClasses =
        switch (getLabelType()) {
          case "class" -> true;
          case "values" -> false;
          default ->
              List.of("crossEntropy", "nll").contains(getLoss())
                  && LabelSpec.isNumber(schema, getLabelCol());
        };
    return ofClasses
        ? LabelSpec.classes(schema, getLabelCol(), probe.classes())
        : LabelSpec.values(schema, getLabelCol(), probe.outputs());
  }

  @Override
  AutogradModel model(StageFiles.Fitted fitted) {
    return new AutogradModel(uid(), fitted);
  }

  @Override
  List<StructField> outputFields(StructType schema) {
    DataType type =
        getOutputType().equals("array")
            ? DataTypes.createArrayType(DataTypes.FloatType, false)
            : SQLDataTypes.VectorType();
    return List.of(new StructField(getPredictionCol(), type, false, Metadata.empty()));
  }

  @Override
  public AutogradEstimator copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<AutogradEstimator> read() {
    return StageFiles.estimatorReader(AutogradEstimator.class, AutogradEstimator::new);
  }

  public static AutogradEstimator load(String path) {
    return read().load(path);
  }
}
