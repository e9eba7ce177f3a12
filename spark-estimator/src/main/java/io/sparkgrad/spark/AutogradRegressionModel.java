// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.inference.NumberOutputs;
import io.sparkgrad.spark.inference.Outputs;
import io.sparkgrad.spark.inference.VectorOutputs;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.persist.StageFiles.Fitted;
import io.sparkgrad.spark.train.NetworkProbe;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;

/**
 * A fitted network that predicts a number, or several: a double per row for a network of one
 * output, else a Vector.
 */
public final class AutogradRegressionModel extends NetworkModel<AutogradRegressionModel> {
  private static final long serialVersionUID = 1L;

  /** Made by {@link AutogradRegressor} and by {@link #load}. */
  AutogradRegressionModel(String uid, Fitted fitted) {
    super(uid, fitted);
  }

  private AutogradRegressionModel(AutogradRegressionModel source) {
    super(source);
  }

  @Override
  Outputs outputs(NetworkProbe probe) {
    return probe.outputs() == 1
        ? new NumberOutputs(getPredictionCol())
        : new VectorOutputs(probe.outputs(), getPredictionCol());
  }

  /**
   * The prediction for one row.
   *
   * @throws InputException if the network puts out several numbers
   */
  public double predict(Vector features) {
    float[] output = output(features);
    if (output.length != 1) {
      throw new InputException(
          "predict: the network puts out %d numbers; use predictVector.".formatted(output.length));
    }
    return output[0];
  }

  /** All numbers that the network predicts for one row. */
  public Vector predictVector(Vector features) {
    return VectorOutputs.vector(output(features));
  }

  @Override
  public AutogradRegressionModel copy(ParamMap extra) {
    AutogradRegressionModel copy = new AutogradRegressionModel(this);
    copyValues(copy, extra);
    return copy.setParent(parent());
  }

  public static MLReader<AutogradRegressionModel> read() {
    return StageFiles.modelReader(AutogradRegressionModel.class, AutogradRegressionModel::new);
  }

  public static AutogradRegressionModel load(String path) {
    return read().load(path);
  }
}
