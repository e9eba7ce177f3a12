// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import io.sparkgrad.shape.Shape;
import java.util.Locale;

/**
 * Reductions over any axes, and along the last one. Where few results have many elements each,
 * several blocks share a result: how many depends on the shape alone, and so does the order of
 * sums.
 */
final class Reductions {
  private static final String FILE = "reduction.sm75";

  /**
   * Elements of a result up to which a warp is enough for it; softmax.cu has registers for as many.
   */
  private static final int SHORT = 1024;

  /** Blocks that fill a large GPU several times over. */
  private static final int BLOCKS = 1024;

  /** Elements of a part below which one more part is not worth adding it. */
  private static final int ELEMENTS_OF_PART = 4096;

  private static final int WARP = 32;

  private final Kernels kernels;
  private final DeviceMemory memory;

  Reductions(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  /** How the threads are laid on the elements, as the kernel's name has it. */
  private enum Way {
    WARP,
    BLOCK,
    ACROSS
  }

  void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y) {
    if (y.length() == 0) {
      return;
    }
    Axes kept = new Axes();
    Axes reduced = new Axes();
    boolean lastIsReduced = divide(xShape, axes, kept, reduced);
    if (reduced.count == 0) {
      y.backend().fill(y, neutral(kernel));
      return;
    }
    if (Math.max(kept.rank, reduced.rank) > Axes.RANK) {
      reduceInnermostFirst(kernel, x, xShape, axes, y);
      return;
    }
    Way way = !lastIsReduced ? Way.ACROSS : reduced.count <= SHORT ? Way.WARP : Way.BLOCK;
    int blocks = blocks(way, kept.count);
    int parts =
        (int)
            Math.max(
                1, Math.min(ceiling(BLOCKS, blocks), ceiling(reduced.count, ELEMENTS_OF_PART)));
    if (parts == 1) {
      run(kernel, way, new Dim3(blocks, 1, 1), call(x).read(x).overwrite(y), kept, reduced);
      return;
    }
    Axes results = new Axes();
    results.append(kept.count, 1);
    Axes ofResult = new Axes();
    ofResult.append(parts, kept.count);
    try (var partial = Workspace.of(memory, parts * kept.count * x.dtype().bytes())) {
      KernelCall first = call(x).read(x).address(partial.address());
      run(kernel, way, new Dim3(blocks, parts, 1), first, kept, reduced);
      run(
          kernel,
          Way.ACROSS,
          new Dim3(blocks(Way.ACROSS, kept.count), 1, 1),
          call(x).address(partial.address()).overwrite(y),
          results,
          ofResult);
    }
  }

  /** In two steps, the first of which does without the innermost run of reduced axes. */
  private void reduceInnermostFirst(
      ReduceKernel kernel, Buffer x, Shape shape, boolean[] axes, Buffer y) {
    boolean[] innermost = new boolean[axes.length];
    boolean[] others = axes.clone();
    Shape between = shape;
    boolean found = false;
    for (int axis = axes.length - 1; axis >= 0 && (axes[axis] || !found); axis--) {
      if (axes[axis] && shape.size(axis) != 1) {
        found = true;
        innermost[axis] = true;
        others[axis] = false;
        between = between.withSize(axis, 1);
      }
    }
    try (BufferScope scope = BufferScope.open()) {
      Buffer partial = BufferScope.own(x.backend().allocate(x.dtype(), between.numel()));
      reduce(kernel, x, shape, innermost, partial);
      reduce(kernel, partial, between, others, y);
    }
  }

  /** Whether the innermost axis of more than one element is reduced. */
  private static boolean divide(Shape shape, boolean[] axes, Axes kept, Axes reduced) {
    boolean lastIsReduced = true;
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (shape.size(axis) != 1) {
        (axes[axis] ? reduced : kept).append(shape.size(axis), shape.strides()[axis]);
        lastIsReduced = axes[axis];
      }
    }
    return lastIsReduced;
  }

  private static void run(
      ReduceKernel kernel, Way way, Dim3 grid, KernelCall call, Axes kept, Axes reduced) {
    kept.appendTo(call);
    reduced.appendTo(call);
    call.run("reduce_%s_%s".formatted(name(kernel), name(way)), grid);
  }

  private static int blocks(Way way, long results) {
    int resultsOfBlock =
        switch (way) {
          case WARP -> Kernels.BLOCK / WARP;
          case BLOCK -> 1;
          case ACROSS -> WARP;
        };
    return Math.toIntExact(ceiling(results, resultsOfBlock));
  }

  private static double neutral(ReduceKernel kernel) {
    return switch (kernel) {
      case SUM -> 0;
      case MAX -> Double.NEGATIVE_INFINITY;
      case PROD -> 1;
    };
  }

  void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    if (y.length() > 0) {
      call(x)
          .read(x)
          .overwrite(y)
          .longs(rows, columns)
          .run("scan_" + name(kernel), Dim3.of(blocks(Way.WARP, rows)));
    }
  }

  void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices) {
    if (rows > 0) {
      rows(call(x).read(x).overwrite(indices), "argmax", rows, columns);
    }
  }

  /** Runs a kernel that has a warp for each short row, a block for each long one. */
  static void rows(KernelCall call, String entry, long rows, long columns) {
    Way way = columns <= SHORT ? Way.WARP : Way.BLOCK;
    call.longs(rows, columns).run(entry + "_" + name(way), Dim3.of(blocks(way, rows)));
  }

  private KernelCall call(Buffer like) {
    return new KernelCall(kernels, FILE, like.dtype());
  }

  private static long ceiling(long a, long b) {
    return (a + b - 1) / b;
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Some axes of a dense tensor, neighbours made one; {@code Axes} in the kernels. */
  private static final class Axes {
    /** As many as kernels take. */
    static final int RANK = 4;

    private final long[] dims = new long[RANK];
    private final long[] strides = new long[RANK];
    private long count = 1;

    /** Those beyond {@link #RANK} are counted but not kept. */
    private int rank;

    /** The stride of the last. */
    private long last;

    void append(long size, long stride) {
      count *= size;
      boolean joins = rank > 0 && last == stride * size;
      last = stride;
      if (!joins) {
        rank++;
      }
      if (rank <= RANK) {
        dims[rank - 1] = joins ? dims[rank - 1] * size : size;
        strides[rank - 1] = stride;
      }
    }

    void appendTo(KernelCall call) {
      call.integers(rank).longs(dims).longs(count).longs(strides);
    }
  }
}
