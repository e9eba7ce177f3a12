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

  /** Rows or columns below which most threads of a tile would have nothing to do. */
  private static final int NARROW = 8;

  /** The most bytes that a thread copies at once. */
  private static final int UNIT = 16;

  /** Blocks along the second and the third dimension of a grid. */
  private static final long MOST_BLOCKS = 65_535;

  /** Columns that a warp adds, as {@code SLICE} in the kernel. */
  private static final int SLICE = 128;

  /**
   * At most so many warps scatter, as a power of two: enough to fill a large GPU, and few since all
   * indices are read once for each.
   */
  private static final int WARP_BITS = 11;

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
    long[] matrices = bytes > 1 ? walk.transposition() : null;
    if (matrices != null && isGrid(matrices)) {
      untyped()
          .holding(source, target)
          .address(x)
          .address(y)
          .integers((int) matrices[1], (int) matrices[2])
          .run(
              "transpose_" + bytes,
              new Dim3(
                  ceiling((int) matrices[2], TILE),
                  ceiling((int) matrices[1], TILE),
                  (int) matrices[0]));
      return;
    }
    StridedRegion walkOfBytes = walk.inBytes(bytes);
    int unit = unit(walkOfBytes.alignment(x | y));
    for (StridedRegion.Piece piece : walkOfBytes.grouped(unit).joined().pieces()) {
      KernelCall call = untyped().holding(source, target);
      piece
          .appendTo(call.address(x + piece.first()).address(y + piece.second()))
          .run("copy_" + unit, piece.count());
    }
  }

  /**
   * Whether matrices of these numbers, rows and columns are a grid of tiles, and none is so narrow
   * that most of a tile is beside it.
   */
  private static boolean isGrid(long[] matrices) {
    return matrices[0] <= MOST_BLOCKS
        && matrices[1] <= MOST_BLOCKS * TILE
        && matrices[2] <= Integer.MAX_VALUE - TILE
        && Math.min(matrices[1], matrices[2]) >= NARROW;
  }

  /** The largest size of what a kernel moves at once. */
  private static int unit(long alignment) {
    return alignment >= UNIT ? UNIT : alignment >= Integer.BYTES ? (int) alignment : 1;
  }

  void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    if (y.length() > 0) {
      long bytes = CudaBuffer.bytes(x.dtype(), columns);
      int unit = unit(Long.lowestOneBit(bytes));
      untyped()
          .read(x)
          .read(indices)
          .overwrite(y)
          .longs(indices.length(), bytes / unit)
          .run("gather_rows_" + unit, indices.length() * (bytes / unit));
    }
  }

  void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    long rows = indices.length();
    if (rows == 0 || columns == 0) {
      return;
    }
    int slices = Math.toIntExact((columns + SLICE - 1) / SLICE);
    int bits = partBits(Math.min(rows, y.length() / columns), slices);
    int warps = Kernels.BLOCK / 32;
    new KernelCall(kernels, FILE, x.dtype())
        .read(x)
        .read(indices)
        .read(y)
        .longs(rows, columns)
        .integers(bits)
        .run("scatter_add", Dim3.of(slices, ceiling(1 << bits, warps)));
  }

  /** A part for each of so many targets, as far as that is not more warps than a GPU needs. */
  private static int partBits(long targets, int slices) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, targets - 1));
    int slicesBits = Integer.SIZE - Integer.numberOfLeadingZeros(slices - 1);
    return Math.max(1, Math.min(bits, WARP_BITS - slicesBits));
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
