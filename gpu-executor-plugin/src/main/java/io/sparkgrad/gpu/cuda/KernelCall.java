// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.gpu.cuda.driver.Arguments;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One start of a kernel for elements of one type. Keeps the buffers reachable until the kernel is
 * in the stream: from then on their memory may be given back.
 */
final class KernelCall {
  private final Kernels kernels;
  private final String file;
  private final DType dtype;
  private final Arguments arguments = new Arguments();
  private final List<Buffer> buffers = new ArrayList<>();

  KernelCall(Kernels kernels, String file, DType dtype) {
    this.kernels = kernels;
    this.file = file;
    this.dtype = dtype;
  }

  /** A buffer that is read or changed in part; null is a null pointer. */
  KernelCall read(@Nullable Buffer buffer) {
    return buffer == null ? address(0) : address(held(buffer).address());
  }

  /** As {@link #read(Buffer)}, from this element on. */
  KernelCall read(Buffer buffer, long from) {
    return address(held(buffer).address() + CudaBuffer.bytes(buffer.dtype(), from));
  }

  /** As {@link #overwrite(Buffer)}, from this element on. */
  KernelCall overwrite(Buffer buffer, long from) {
    return address(held(buffer).overwrite() + CudaBuffer.bytes(buffer.dtype(), from));
  }

  /** A buffer that is written whole; null is a null pointer. */
  KernelCall overwrite(@Nullable Buffer buffer) {
    return buffer == null ? address(0) : address(held(buffer).overwrite());
  }

  private CudaBuffer held(Buffer buffer) {
    buffers.add(buffer);
    return CudaBuffer.of(buffer);
  }

  /** Buffers whose addresses the kernel gets in another way. */
  void holding(List<Buffer> others) {
    buffers.addAll(others);
  }

  /** As {@link #holding(List)}. */
  KernelCall holding(Buffer... others) {
    Collections.addAll(buffers, others);
    return this;
  }

  KernelCall address(long address) {
    arguments.address(address);
    return this;
  }

  KernelCall integers(int... values) {
    for (int value : values) {
      arguments.i32(value);
    }
    return this;
  }

  KernelCall longs(long... values) {
    for (long value : values) {
      arguments.i64(value);
    }
    return this;
  }

  /** As 1 or 0. */
  KernelCall flag(boolean value) {
    return integers(value ? 1 : 0);
  }

  /** In the type of the elements. */
  KernelCall numbers(double... values) {
    for (double value : values) {
      if (dtype == DType.FLOAT32) {
        arguments.f32((float) value);
      } else {
        arguments.f64(value);
      }
    }
    return this;
  }

  /** With a thread for each of {@code threads}. */
  void run(String entry, long threads) {
    kernels.launch(file, typed(entry), threads, arguments);
    buffers.forEach(Reference::reachabilityFence);
  }

  /** With blocks of {@link Kernels#BLOCK} threads. */
  void run(String entry, Dim3 grid) {
    run(entry, grid, Kernels.BLOCK);
  }

  /** With blocks of so many threads. */
  void run(String entry, Dim3 grid, int threads) {
    kernels.launch(file, typed(entry), grid, Dim3.of(threads), 0, arguments);
    buffers.forEach(Reference::reachabilityFence);
  }

  private String typed(String entry) {
    return switch (dtype) {
      case FLOAT32 -> entry + "_f32";
      case FLOAT64 -> entry + "_f64";
      case INT64, BOOL -> entry; // there is one for all
    };
  }
}
