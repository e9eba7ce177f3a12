// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The errors of an {@link EmulatedCudaDriver}, named as the real driver names them. */
final class Refusals {
  private static final int INVALID_VALUE = 1;
  private static final int INVALID_HANDLE = 400;

  private Refusals() {}

  static CudaException caused(CudaException e, Exception cause) {
    e.initCause(cause);
    return e;
  }

  static CudaException invalid(String call, String text) {
    return new CudaException(call, INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", text);
  }

  /** Turns what the device's memory refuses into the driver's error. */
  static void refuse(String call, Runnable action) {
    try {
      action.run();
    } catch (IllegalArgumentException e) {
      throw caused(invalid(call, e.getMessage()), e);
    }
  }

  static <T extends @Nullable Object> T handle(Handles<T> handles, long handle) {
    try {
      return handles.get(handle);
    } catch (IllegalArgumentException e) {
      throw caused(
          new CudaException("a call", INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", e.getMessage()),
          e);
    }
  }

  static void requireDirect(String call, ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw invalid(call, "expected a direct buffer, got one on the heap");
    }
  }
}
