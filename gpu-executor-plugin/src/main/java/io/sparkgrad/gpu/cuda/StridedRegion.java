// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A region whose elements stand in two buffers, each with strides of its own, with as few axes as
 * say the same: axes of one element are left out, and neighbours that both buffers walk in one go
 * become one. Kernels take {@link #pieces} of it.
 */
final class StridedRegion {
  /** Axes that kernels take. */
  private static final int RANK = 8;

  /** Elements that kernels count, with room for what a group or two add. */
  private static final long MOST = Integer.MAX_VALUE - 64;

  /** From the outermost on; at least one. */
  private final List<Axis> axes;

  /** The strides in elements of the first and of the second buffer. */
  private record Axis(long size, long first, long second) {
    /** Whether a step of this axis is what the end of the inner one leads to. */
    boolean continues(Axis inner) {
      return first == inner.first * inner.size && second == inner.second * inner.size;
    }
  }

  private StridedRegion(List<Axis> axes) {
    this.axes = axes;
  }

  /** A region of at least one element. */
  StridedRegion(Shape shape, long[] firstStrides, long[] secondStrides) {
    this(join(axes(shape, firstStrides, secondStrides)));
  }

  private static List<Axis> axes(Shape shape, long[] firstStrides, long[] secondStrides) {
    List<Axis> axes = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      axes.add(new Axis(shape.size(i), firstStrides[i], secondStrides[i]));
    }
    return axes;
  }

  private static List<Axis> join(List<Axis> axes) {
    List<Axis> joined = new ArrayList<>();
    for (Axis axis : axes) {
      int last = joined.size() - 1;
      if (last >= 0 && joined.get(last).continues(axis)) {
        joined.set(last, new Axis(joined.get(last).size * axis.size, axis.first, axis.second));
      } else if (axis.size > 1) {
        joined.add(axis);
      }
    }
    if (joined.isEmpty()) {
      joined.add(new Axis(1, 1, 1));
    }
    return joined;
  }

  private Axis inner() {
    return axes.get(axes.size() - 1);
  }

  /** How many axes there are. */
  int rank() {
    return axes.size();
  }

  /** The size of the innermost axis. */
  long innerSize() {
    return inner().size;
  }

  /** With every element as so many bytes, in which strides are counted then. */
  StridedRegion inBytes(int bytes) {
    List<Axis> all = new ArrayList<>();
    axes.forEach(axis -> all.add(new Axis(axis.size, axis.first * bytes, axis.second * bytes)));
    all.add(new Axis(bytes, 1, 1));
    return new StridedRegion(join(all));
  }

  /** With runs of {@code elements} of the innermost axis as one; what is left over is left out. */
  StridedRegion grouped(int elements) {
    List<Axis> all = new ArrayList<>(axes);
    Axis inner = inner();
    all.set(
        all.size() - 1,
        new Axis(inner.size / elements, inner.first * elements, inner.second * elements));
    return new StridedRegion(all);
  }

  /** With as few axes as say the same. */
  StridedRegion joined() {
    return new StridedRegion(join(axes));
  }

  /**
   * The largest power of two that divides {@code place}, the innermost axis and all other strides;
   * 1 where both buffers do not walk that axis from one element to the next.
   */
  long alignment(long place) {
    if (inner().first != 1 || inner().second != 1) {
      return 1;
    }
    long all = place | inner().size;
    for (Axis axis : axes.subList(0, axes.size() - 1)) {
      all |= axis.first | axis.second;
    }
    return Long.lowestOneBit(all);
  }

  /**
   * Whether each matrix of a row of dense matrices is transposed.
   *
   * @return matrices, rows and columns as the first buffer has them; null if it is something else
   */
  long @Nullable [] transposition() {
    if (axes.size() != 2 && axes.size() != 3) {
      return null;
    }
    Axis outer = axes.get(axes.size() - 2);
    Axis inner = inner();
    long rows = inner.size;
    long columns = outer.size;
    Axis matrices = axes.size() == 2 ? new Axis(1, rows * columns, rows * columns) : axes.get(0);
    boolean dense = matrices.first == rows * columns && matrices.second == rows * columns;
    boolean swapped =
        outer.first == 1 && inner.first == columns && outer.second == rows && inner.second == 1;
    return dense && swapped ? new long[] {matrices.size, rows, columns} : null;
  }

  /**
   * All of it in parts that kernels take, in row-major order: of few enough axes, and whose
   * elements and their places can be counted in 32 bits. Nearly always one.
   */
  List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    split(axes, 0, 0, pieces);
    return pieces;
  }

  private static void split(List<Axis> axes, long first, long second, List<Piece> pieces) {
    if (axes.size() <= RANK && isCountable(axes)) {
      pieces.add(new Piece(axes, first, second));
      return;
    }
    Axis outer = axes.get(0);
    long most = axes.size() > RANK ? 1 : (outer.size + 1) / 2;
    for (long at = 0; at < outer.size; at += most) {
      long size = Math.min(most, outer.size - at);
      List<Axis> part = new ArrayList<>(axes);
      part.set(0, new Axis(size, outer.first, outer.second));
      if (size == 1 && part.size() > 1) {
        part.remove(0);
      }
      split(part, first + at * outer.first, second + at * outer.second, pieces);
    }
  }

  private static boolean isCountable(List<Axis> axes) {
    long count = 1;
    long first = 0;
    long second = 0;
    for (Axis axis : axes) {
      count *= axis.size;
      first += Math.abs(axis.first) * (axis.size - 1);
      second += Math.abs(axis.second) * (axis.size - 1);
    }
    return Math.max(count, Math.max(first, second)) <= MOST;
  }

  /** What one kernel does. */
  static final class Piece {
    private final List<Axis> axes;
    private final long first;
    private final long second;

    private Piece(List<Axis> axes, long first, long second) {
      this.axes = axes;
      this.first = first;
      this.second = second;
    }

    /** Where it begins in the first buffer, in its elements. */
    long first() {
      return first;
    }

    /** Where it begins in the second buffer, in its elements. */
    long second() {
      return second;
    }

    int count() {
      return (int) axes.stream().mapToLong(Axis::size).reduce(1, (a, b) -> a * b);
    }

    /** Appends what a kernel takes as {@code Strided}. */
    KernelCall appendTo(KernelCall call) {
      call.integers(axes.size(), count());
      for (Axis axis : axes) {
        int size = (int) axis.size;
        int shift = size == 0 ? 0 : Integer.SIZE - Integer.numberOfLeadingZeros(size - 1);
        long multiplier = size == 0 ? 0 : (((1L << shift) - size) << Integer.SIZE) / size + 1;
        call.integers(size, (int) multiplier, shift, (int) axis.first, (int) axis.second);
      }
      return call.integers(new int[5 * (RANK - axes.size())]);
    }
  }
}
