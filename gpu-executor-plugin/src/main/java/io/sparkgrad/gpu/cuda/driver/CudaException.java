// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.backend.BackendException;
import java.util.Set;

/** A call of the CUDA driver, or of a library above it, that failed. */
public final class CudaException extends BackendException {
  private static final long serialVersionUID = 1L;

  /**
   * After one of these the context is of no use to anybody, and only a new process helps: device
   * unavailable, ECC error, NVLink error, contained error, illegal address, launch timeout, context
   * destroyed, assert, hardware stack error, illegal instruction, misaligned address, invalid
   * address space, invalid program counter, launch failed, terminated by MPS, unknown.
   */
  private static final Set<Integer> FATAL =
      Set.of(46, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 810, 999);

  private static final int OUT_OF_MEMORY = 2;

  private final int status;

  /**
   * With a message that ends in a remedy where there is one.
   *
   * @param call what was called, with its sizes: {@code cuMemAlloc of 1024 bytes}
   * @param status the number, as in {@code CUresult}; or in {@code cublasStatus_t}, of whose
   *     numbers none is a fatal one or out of memory in {@code CUresult}
   * @param name its name: {@code CUDA_ERROR_OUT_OF_MEMORY}
   * @param text its explanation
   */
  public CudaException(String call, int status, String name, String text) {
    super(
        "CUDA: %s failed: %s (%d), %s%s"
            .formatted(
                call, name, status, text, Remedies.of(status).map(r -> "; " + r).orElse("")));
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** Whether no later call of this process can succeed. */
  public boolean isFatal() {
    return FATAL.contains(status);
  }

  public boolean isOutOfMemory() {
    return status == OUT_OF_MEMORY;
  }
}
