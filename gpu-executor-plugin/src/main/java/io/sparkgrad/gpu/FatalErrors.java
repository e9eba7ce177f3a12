// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskFailedReason;
import org.jspecify.annotations.Nullable;

/** Finds the CUDA error after which no later call of this process can succeed. */
final class FatalErrors {
  private FatalErrors() {}

  /** The fatal error behind a failed task, however deep. */
  static Optional<CudaException> behind(TaskFailedReason reason) {
    return reason instanceof ExceptionFailure failure && failure.exception().isDefined()
        ? behind(failure.exception().get())
        : Optional.empty();
  }

  static Optional<CudaException> behind(Throwable failure) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (@Nullable Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
      if (t instanceof CudaException e && e.isFatal()) {
        return Optional.of(e);
      }
    }
    return Optional.empty();
  }

  /**
   * Asks the devices. A fatal error stays and comes back from every later call, also where the
   * exception that told of it is lost: of a task that Spark killed meanwhile, because another of
   * its barrier stage had failed, plugins are told no exception.
   */
  static Optional<CudaException> of(List<Backend> devices) {
    for (Backend device : devices) {
      try {
        device.download(device.allocate(DType.FLOAT32, 1), new double[1]);
      } catch (RuntimeException e) {
        Optional<CudaException> fatal = behind(e);
        if (fatal.isPresent()) {
          return fatal;
        }
      }
    }
    return Optional.empty();
  }
}
