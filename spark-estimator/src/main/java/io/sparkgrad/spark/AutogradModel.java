// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.inference.ArrayOutputs;
import io.sparkgrad.spark.inference.Outputs;
import io.sparkgrad.spark.inference.VectorOutputs;
import io.sparkgrad.spark.param.OutputParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.persist.StageFiles.Fitted;
import io.sparkgrad.spark.train.NetworkProbe;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;

/** Any fitted network: it puts out a Vector or an array of float for each row. */
public final class AutogradModel extends NetworkModel<AutogradModel>
    implements OutputParams<AutogradModel> {
  private static final long serialVersionUID = 1L;

  private final OutputParams.Declared outputParams;

  /** Made by {@link AutogradEstimator} and by {@link #load}. */
  AutogradModel(String uid, Fitted fitted) {
    super(uid, fitted);
    this.outputParams = new OutputParams.Declared(this);
  }

  private AutogradModel(AutogradModel source) {
    super(source);
    this.outputParams = new OutputParams.Declared(this);
  }

  @Override
  public OutputParams.Declared outputParams() {
    return outputParams;
  }

  @Override
  Outputs outputs(NetworkProbe probe) {
    return getOutputType().equals("array")
        ? new ArrayOutputs(getPredictionCol())
        : new VectorOutputs(probe.outputs(), getPredictionCol());
  }

  /** All numbers that the network puts out for one row. */
  public Vector predict(Vector features) {
    return VectorOutputs.vector(output(features));
  }

  @Override
  public AutogradModel copy(ParamMap extra) {
    AutogradModel copy = new AutogradModel(this);
    copyValues(copy, extra);
    return copy.setParent(parent());
  }

  public static MLReader<AutogradModel> read() {
    return StageFiles.modelReader(AutogradModel.class, AutogradModel::new);
  }

  public static AutogradModel load(String path) {
    return read().load(path);
  }
}
