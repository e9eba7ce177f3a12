// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import java.lang.ref.Reference;

/**
 * One value everywhere, by kernels: they take part in graphs, which the driver's memset does not.
 */
final class Fills {
  private static final String FILE = "fill.sm75";
  private static final int UNIT = 16;

  private final Kernels kernels;

  Fills(Kernels kernels) {
    this.kernels = kernels;
  }

  /** Zeros up to the next multiple of 16 bytes, which every block of memory has. */
  void zero(long address, long bytes) {
    long units = (bytes + UNIT - 1) / UNIT;
    if (units > 0) {
      kernels.launch(FILE, "zero", units, new Arguments().address(address).i64(units));
    }
  }

  /** Writes the first of some values, converted as in an upload, to all places. */
  void fill(CudaBuffer target, HostValues value) {
    long length = target.length();
    Arguments arguments = new Arguments().address(target.overwrite()).i64(length);
    String entry =
        switch (target.dtype()) {
          case FLOAT32 -> {
            arguments.f32((float) value.number(0));
            yield "fill_f32";
          }
          case FLOAT64 -> {
            arguments.f64(value.number(0));
            yield "fill_f64";
          }
          case INT64 -> {
            arguments.i64(value.integer(0));
            yield "fill_i64";
          }
          case BOOL -> {
            arguments.i32(value.number(0) == 0 ? 0 : 1);
            yield "fill_u8";
          }
        };
    try {
      if (length > 0) {
        kernels.launch(FILE, entry, length, arguments);
      }
    } finally {
      Reference.reachabilityFence(target);
    }
  }
}
