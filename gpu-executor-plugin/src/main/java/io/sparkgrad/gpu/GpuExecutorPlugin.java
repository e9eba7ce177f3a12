// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.gpu.cuda.CudaBackendProvider;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Makes executors ready for GPUs: {@code spark.plugins=io.sparkgrad.gpu.GpuExecutorPlugin}. Its jar
 * must be on the class path of the driver and of the executors.
 */
public final class GpuExecutorPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new GpuDriverComponent();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new GpuExecutorComponent(
        new CudaBackendProvider(),
        address -> Backends.gpu(address).map(Backends.Selection::backend),
        ExecutorExit::after);
  }
}
