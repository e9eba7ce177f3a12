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
 *
 * <p>Settings, of the application; the driver refuses values that are none, and warns of keys that
 * are none:
 *
 * <ul>
 *   <li>{@code spark.sparkgrad.gpu.required} (auto): whether an executor that cannot use CUDA
 *       refuses to start: auto (if Spark assigned it a GPU), true or false
 *   <li>{@code spark.sparkgrad.gpu.graphs} (true): whether kernels that come again in the same
 *       order start together, as CUDA graphs
 *   <li>{@code spark.sparkgrad.gpu.cublas} (true): whether cuBLAS makes large matrix products where
 *       it is installed
 *   <li>{@code spark.sparkgrad.gpu.memory.fraction} (1.0): the share of a GPU's memory, but for the
 *       reserve, that an executor may hold for tensors; 0.5 for two executors on one GPU. Beyond
 *       it, memory that is not in use goes back to the GPU, and then a batch ends with an {@link
 *       io.sparkgrad.backend.OutOfDeviceMemoryException}
 *   <li>{@code spark.sparkgrad.gpu.memory.reserve} (256m): memory of a GPU that is left to the
 *       driver, for code, graphs and copies under way
 *   <li>{@code spark.sparkgrad.gpu.memory.minFree} (512m): memory of a GPU that must be free when
 *       an executor starts, or the GPU is not usable
 *   <li>{@code spark.sparkgrad.gpu.debugLeaks} (false): whether executors log device memory that
 *       nobody gave back, and where it was asked for, after each task and when they end
 * </ul>
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
        CudaBackendProvider::configure,
        address -> Backends.gpu(address).map(Backends.Selection::backend),
        ExecutorExit::after);
  }
}
