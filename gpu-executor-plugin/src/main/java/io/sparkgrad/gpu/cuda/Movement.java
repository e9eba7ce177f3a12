// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import io.sparkgrad.shape.Shape;

/** Moves elements without computing: conversions, strided copies, rows by number. */
final class Movement {
  private static final String FILE = "movement.sm75";
  private static final int TILE = 32;

  /** Bytes that a thread copies at once. */
  private static final int UNIT = 16;

  /** Columns that a warp adds, as {@code SLICE} in the kernel. */
  private static final int SLICE = 128;

  /**
   * Of at most so many parts of the targets, as a power of two: enough to fill a large GPU, and few
   * enough to read all indices once for each.
   */
  private static final int PART_BITS = 11;

  private final Kernels kernels;

  Movement(Kernels kernels) {
    this.kernels = kernels;
  }

  void cast(Buffer source, Buffer target) {
    if (target.length() > 0) {
      untyped()
          .read(source)
          .overwrite(target)
          .longs(target.length())
          .run("cast_%s_%s".formatted(name(source), name(target)), target.length());
    }
  }

  void copy(Shape region, Buffer source, Layout from, Buffer target, Layout to) {
    if (region.numel() == 0) {
      return;
    }
    int bytes = source.dtype().bytes();
    CudaBuffer in = CudaBuffer.of(source);
    CudaBuffer out = CudaBuffer.of(target);
    boolean whole = region.numel() == target.length();
    long x = in.address() + bytes * from.offset();
    long y = (whole ? out.overwrite() : out.address()) + bytes * to.offset();
    StridedRegion walk = new StridedRegion(region, from.strides(), to.strides());
    int[] matrices = bytes > 1 ? walk.transposition() : null;
    KernelCall call = untyped().holding(source, target).address(x).address(y);
    if (walk.isDense() && x % UNIT == 0 && y % UNIT == 0) {
      long length = bytes * region.numel();
      call.longs(length).run("copy_dense", (length + UNIT - 1) / UNIT);
    } else if (matrices != null && matrices[0] <= 65_535) {
      call.integers(matrices[1], matrices[2])
          .run(
              "transpose_" + bytes,
              new Dim3(ceiling(matrices[2], TILE), ceiling(matrices[1], TILE), matrices[0]));
    } else {
      walk.appendTo(call).run("copy_" + bytes, walk.count());
    }
  }

  void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    if (y.length() > 0) {
      untyped()
          .read(x)
          .read(indices)
          .overwrite(y)
          .longs(indices.length(), columns)
          .run("gather_rows_" + x.dtype().bytes(), y.length());
    }
  }

  void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    long rows = indices.length();
    if (rows == 0 || columns == 0) {
      return;
    }
    int bits = partBits(Math.min(rows, y.length() / columns));
    int warps = Kernels.BLOCK / 32;
    new KernelCall(kernels, FILE, x.dtype())
        .read(x)
        .read(indices)
        .read(y)
        .longs(rows, columns)
        .integers(bits)
        .run(
            "scatter_add",
            Dim3.of(Math.toIntExact((columns + SLICE - 1) / SLICE), ceiling(1 << bits, warps)));
  }

  /** A part for each of so many targets, within limits. */
  private static int partBits(long targets) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, targets - 1));
    return Math.min(bits, PART_BITS);
  }

  /** For kernels that are chosen by the size of elements. */
  private KernelCall untyped() {
    return new KernelCall(kernels, FILE, DType.BOOL);
  }

  private static String name(Buffer buffer) {
    return switch (buffer.dtype()) {
      case FLOAT32 -> "f32";
      case FLOAT64 -> "f64";
      case INT64 -> "i64";
      case BOOL -> "bool";
    };
  }

  private static int ceiling(int a, int b) {
    return (a + b - 1) / b;
  }
}
