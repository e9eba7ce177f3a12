// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGetErrorString;

import jcuda.driver.CUresult;

/** The one place where what the driver returns becomes an exception. */
final class CudaStatus {
  private CudaStatus() {}

  static void check(int status, String call) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw exception(status, call);
    }
  }

  static void check(int status, String call, long bytes) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw exception(status, "%s of %d bytes".formatted(call, bytes));
    }
  }

  static void check(int status, String call, KernelLaunch launch) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw exception(status, "%s of %s".formatted(call, launch));
    }
  }

  static CudaException exception(int status, String call) {
    String[] name = {null};
    String[] text = {null};
    boolean known =
        cuGetErrorName(status, name) == CUresult.CUDA_SUCCESS
            && cuGetErrorString(status, text) == CUresult.CUDA_SUCCESS;
    return known
        ? new CudaException(call, status, name[0], text[0])
        : new CudaException(call, status, CUresult.stringFor(status), "an unknown status");
  }
}
