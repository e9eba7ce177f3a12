// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import io.sparkgrad.gpu.ptx.DeviceMemory.Check;

/** An emulated GPU that looks at every access to memory. */
public final class EmulatedGpu {
  private EmulatedGpu() {}

  static EmulatedCudaDriver driver() {
    return driver(75);
  }

  /**
   * A GPU of some generation.
   *
   * @param computeCapability 80 or more for tensor cores that take TF32 and bf16
   */
  static EmulatedCudaDriver driver(int computeCapability) {
    return new EmulatedCudaDriver(
        computeCapability,
        1L << 30,
        EmulatedCudaDriver.Work.AT_ONCE,
        Check.INITCHECK,
        Check.RACECHECK);
  }

  static CudaBackend backend() {
    return backend(driver());
  }

  /** For tests of those who see no CUDA. */
  public static Backend open() {
    return backend();
  }

  static CudaBackend backend(CudaDriver driver) {
    return backend(driver, true);
  }

  static CudaBackend backend(CudaDriver driver, boolean graphs) {
    return new CudaBackend(
        "cuda", driver, DeviceSettings.DEFAULT.withMemory(1, 0, 0).withGraphs(graphs));
  }
}
