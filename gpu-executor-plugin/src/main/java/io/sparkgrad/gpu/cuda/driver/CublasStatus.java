// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.jcublas.JCublas2.cublasGetStatusString;

import jcuda.driver.CUresult;
import jcuda.jcublas.cublasStatus;

/** The one place where what cuBLAS returns becomes an exception. */
final class CublasStatus {
  private CublasStatus() {}

  static void check(int status, String call) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw exception(status, call);
    }
  }

  static void check(int status, String call, Object sizes) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw exception(status, "%s of %s".formatted(call, sizes));
    }
  }

  /**
   * What stands behind the status is an error of the driver where there is one, which also says
   * whether it is fatal: cuBLAS only reports that an execution failed.
   */
  private static CudaException exception(int status, String call) {
    String name = cublasStatus.stringFor(status);
    int driver =
        status == cublasStatus.CUBLAS_STATUS_ALLOC_FAILED
            ? CUresult.CUDA_ERROR_OUT_OF_MEMORY
            : cuCtxSynchronize();
    return driver == CUresult.CUDA_SUCCESS
        ? new CudaException(call, status, name, cublasGetStatusString(status))
        : CudaStatus.exception(driver, "%s (%s)".formatted(call, name));
  }
}
