// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** What each worker takes of the cluster, where Spark schedules stages by that. */
public interface WorkerParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final DoubleParam gpusPerWorker;
    final IntParam cpusPerWorker;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      gpusPerWorker =
          new DoubleParam(
              owner,
              "gpusPerWorker",
              "GPUs that each worker takes where the application's executors have some (spark.executor.resource.gpu.amount) and device is not cpu: 1, or a fraction, for workers that share one. Other stages take what spark.task.resource.gpu.amount says",
              ParamValidators.inRange(0, 1, false, true));
      cpusPerWorker =
          new IntParam(
              owner,
              "cpusPerWorker",
              "cores that each worker takes and computes with. Not set: spark.task.cpus, as other stages",
              ParamValidators.gt(0));
      owner.setDefault(gpusPerWorker, 1.0);
    }
  }

  /** The declarations behind the accessors. */
  Declared workerParams();

  default DoubleParam gpusPerWorker() {
    return workerParams().gpusPerWorker;
  }

  default double getGpusPerWorker() {
    return (Double) getOrDefault(gpusPerWorker());
  }

  default T setGpusPerWorker(double value) {
    set(gpusPerWorker(), value);
    return self();
  }

  default IntParam cpusPerWorker() {
    return workerParams().cpusPerWorker;
  }

  default int getCpusPerWorker() {
    return (Integer) getOrDefault(cpusPerWorker());
  }

  default T setCpusPerWorker(int value) {
    set(cpusPerWorker(), value);
    return self();
  }
}
