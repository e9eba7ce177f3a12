// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** What training does in time for the case that something goes wrong, and what then. */
public interface FaultParams<T> extends StageParams<T>, SharedParams.Checkpoints {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> checkpointDir;
    final IntParam checkpointInterval;
    final Param<String> checkpointUnit;
    final IntParam keepCheckpoints;
    final Param<String> onNonFinite;
    final IntParam communicationTimeout;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      checkpointDir =
          new Param<>(
              owner,
              "checkpointDir",
              "folder of this fit alone, on any Hadoop file system, where training is written down: a fit that is cut off goes on from there to the same result, when Spark retries it or when fit is called again with the same settings. Not set or empty: a retry starts over");
      checkpointInterval =
          new IntParam(
              owner,
              "checkpointInterval",
              "how many checkpointUnits lie between two checkpoints, 1 or more; -1: only the end is written down",
              interval -> (Integer) interval == -1 || (Integer) interval >= 1);
      checkpointUnit =
          new Param<>(
              owner,
              "checkpointUnit",
              "what checkpointInterval counts: epoch or step (of the optimizer)",
              ParamValidators.inArray(List.of("epoch", "step")));
      keepCheckpoints =
          new IntParam(
              owner,
              "keepCheckpoints",
              "how many of the newest checkpoints are kept",
              ParamValidators.gtEq(1));
      onNonFinite =
          new Param<>(
              owner,
              "onNonFinite",
              "what a loss that is infinite or not a number does: fail ends the fit, skip leaves out the step",
              ParamValidators.inArray(List.of("fail", "skip")));
      communicationTimeout =
          new IntParam(
              owner,
              "communicationTimeout",
              "seconds a worker waits for another before the fit fails",
              ParamValidators.gt(0));
      owner.setDefault(checkpointInterval, 1);
      owner.setDefault(checkpointUnit, "epoch");
      owner.setDefault(keepCheckpoints, 2);
      owner.setDefault(onNonFinite, "fail");
      owner.setDefault(communicationTimeout, 120);
    }
  }

  /** The declarations behind the accessors. */
  Declared faultParams();

  default Param<String> checkpointDir() {
    return faultParams().checkpointDir;
  }

  default String getCheckpointDir() {
    return getOrDefault(checkpointDir());
  }

  default T setCheckpointDir(String value) {
    set(checkpointDir(), value);
    return self();
  }

  @Override
  default IntParam checkpointInterval() {
    return faultParams().checkpointInterval;
  }

  default T setCheckpointInterval(int value) {
    set(checkpointInterval(), value);
    return self();
  }

  default Param<String> checkpointUnit() {
    return faultParams().checkpointUnit;
  }

  default String getCheckpointUnit() {
    return getOrDefault(checkpointUnit());
  }

  default T setCheckpointUnit(String value) {
    set(checkpointUnit(), value);
    return self();
  }

  default IntParam keepCheckpoints() {
    return faultParams().keepCheckpoints;
  }

  default int getKeepCheckpoints() {
    return (Integer) getOrDefault(keepCheckpoints());
  }

  default T setKeepCheckpoints(int value) {
    set(keepCheckpoints(), value);
    return self();
  }

  default Param<String> onNonFinite() {
    return faultParams().onNonFinite;
  }

  default String getOnNonFinite() {
    return getOrDefault(onNonFinite());
  }

  default T setOnNonFinite(String value) {
    set(onNonFinite(), value);
    return self();
  }

  default IntParam communicationTimeout() {
    return faultParams().communicationTimeout;
  }

  default int getCommunicationTimeout() {
    return (Integer) getOrDefault(communicationTimeout());
  }

  default T setCommunicationTimeout(int value) {
    set(communicationTimeout(), value);
    return self();
  }
}
