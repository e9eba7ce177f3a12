// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.data.LabelSpec;
import io.sparkgrad.spark.param.LossThresholdParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.train.NetworkProbe;
import io.sparkgrad.spark.train.Objective;
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
 * Trains a network to predict a number per row, or several where the label is a Vector or an array,
 * by the mean squared error or another distance.
 *
 * <pre>{@code
 * AutogradRegressionModel model =
 *     new AutogradRegressor()
 *         .setNetwork(new Sequential(new Linear(13, 64), new ReLU(), new Linear(64, 1)))
 *         .setLoss("huber")
 *         .fit(houses);
 * }</pre>
 */
public final class AutogradRegressor
    extends NetworkEstimator<AutogradRegressor, AutogradRegressionModel>
    implements LossThresholdParams<AutogradRegressor> {
  private static final long serialVersionUID = 1L;

  private final LossThresholdParams.Declared lossThresholdParams;

  public AutogradRegressor() {
    this(Identifiable$.MODULE$.randomUID("autogradRegressor"));
  }

  public AutogradRegressor(String uid) {
    super(uid, List.of("mse", "l1", "smoothL1", "huber"));
    this.lossThresholdParams = new LossThresholdParams.Declared(this);
  }

  @Override
  public LossThresholdParams.Declared lossThresholdParams() {
    return lossThresholdParams;
  }

  @Override
  Objective objective() {
    return Objective.of(getLoss()).withThreshold(getLossThreshold());
  }

  @Override
  void checkLabel(StructType schema) {
    LabelSpec.checkValues(schema, getLabelCol());
  }

  @Override
  LabelSpec labels(StructType schema, NetworkProbe probe) {
    return LabelSpec.values(schema, getLabelCol(), probe.outputs());
  }

  @Override
  AutogradRegressionModel model(StageFiles.Fitted fitted) {
    return new AutogradRegressionModel(uid(), fitted);
  }

  @Override
  List<StructField> outputFields(StructType schema) {
    DataType type =
        LabelSpec.isNumber(schema, getLabelCol())
            ? DataTypes.DoubleType
            : SQLDataTypes.VectorType();
    return List.of(new StructField(getPredictionCol(), type, false, Metadata.empty()));
  }

  @Override
  public AutogradRegressor copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  public static MLReader<AutogradRegressor> read() {
    return StageFiles.estimatorReader(AutogradRegressor.class, AutogradRegressor::new);
  }

  public static AutogradRegressor load(String path) {
    return read().load(path);
  }
}
