// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.inference.ClassOutputs;
import io.sparkgrad.spark.inference.VectorOutputs;
import io.sparkgrad.spark.param.ProbabilityParams;
import io.sparkgrad.spark.persist.StageFiles;
import io.sparkgrad.spark.persist.StageFiles.Fitted;
import io.sparkgrad.spark.train.NetworkProbe;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;

/** A fitted network that tells classes apart. */
public final class AutogradClassificationModel extends NetworkModel<AutogradClassificationModel>
    implements ProbabilityParams<AutogradClassificationModel> {
  private static final long serialVersionUID = 1L;

  private final ProbabilityParams.Declared probabilityParams;

  /** Made by {@link AutogradClassifier} and by {@link #load}. */
  AutogradClassificationModel(String uid, Fitted fitted) {
    super(uid, fitted);
    this.probabilityParams = new ProbabilityParams.Declared(this);
  }

  private AutogradClassificationModel(AutogradClassificationModel source) {
    super(source);
    this.probabilityParams = new ProbabilityParams.Declared(this);
  }

  @Override
  public ProbabilityParams.Declared probabilityParams() {
    return probabilityParams;
  }

  public int numClasses() {
    return probe().classes();
  }

  @Override
  ClassOutputs outputs(NetworkProbe probe) {
    return new ClassOutputs(
        probe.classes(),
        getRawPredictionCol(),
        getProbabilityCol(),
        getPredictionCol(),
        isDefined(thresholds()) ? getThresholds() : null);
  }

  /** The class of one row: the most probable, unless {@code thresholds} say otherwise. */
  public double predict(Vector features) {
    Vector raw = predictRaw(features);
    return outputs(probe()).prediction(raw);
  }

  /** What the network puts out for one row. */
  public Vector predictRaw(Vector features) {
    return VectorOutputs.vector(output(features));
  }

  /** The probabilities of the classes for one row. */
  public Vector predictProbability(Vector features) {
    return ClassOutputs.probability(predictRaw(features));
  }

  @Override
  public AutogradClassificationModel copy(ParamMap extra) {
    AutogradClassificationModel copy = new AutogradClassificationModel(this);
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
