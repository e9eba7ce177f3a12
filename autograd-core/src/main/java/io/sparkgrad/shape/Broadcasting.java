// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.shape;

/** NumPy's broadcasting rules: axes are aligned at the end, and a size of 1 stretches. */
public final class Broadcasting {
  private Broadcasting() {}

  /** The common shape of two operands; {@code op} names the operation in the error. */
  public static Shape of(String op, Shape a, Shape b) {
    if (a.equals(b)) {
      return a;
    }
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.rank() ? a.size(-i) : 1;
      long y = i <= b.rank() ? b.size(-i) : 1;
      if (x != y && x != 1 && y != 1) {
        throw new ShapeMismatchException(
            "%s: expected shapes that broadcast (equal sizes or 1, aligned at the end), got %s and %s"
                .formatted(op, a, b));
      }
      dims[rank - i] = x == 1 ? y : x;
    }
    return Shape.of(dims);
  }

  /** Whether {@code from} stretches to {@code to}. */
  public static boolean stretches(Shape from, Shape to) {
    if (from.rank() > to.rank()) {
      return false;
    }
    for (int i = 1; i <= from.rank(); i++) {
      if (from.size(-i) != to.size(-i) && from.size(-i) != 1) {
        return false;
      }
    }
    return true;
  }

  /**
   * The axes of {@code result} along which {@code operand} was stretched: summing a gradient over
   * them and reshaping to {@code operand} undoes the broadcast.
   */
  public static boolean[] stretchedAxes(Shape operand, Shape result) {
    boolean[] mask = new boolean[result.rank()];
    int lead = result.rank() - operand.rank();
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i < lead || (operand.size(i - lead) == 1 && result.size(i) != 1);
    }
    return mask;
  }

  /**
   * Strides that read {@code operand} as if it had the shape {@code result}: 0 along stretched
   * axes.
   */
  public static long[] strides(Shape operand, Shape result) {
    long[] own = operand.strides();
    boolean[] stretched = stretchedAxes(operand, result);
    long[] out = new long[result.rank()];
    int lead = result.rank() - operand.rank();
    for (int i = 0; i < out.length; i++) {
      out[i] = stretched[i] ? 0 : own[i - lead];
    }
    return out;
  }
}
