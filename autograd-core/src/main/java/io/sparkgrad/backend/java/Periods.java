// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Broadcasting of two operands, of which one has the result's shape, reduced to two numbers: the
 * other's element for position i is {@code (i / inner) % period}. Covers equal shapes, scalars, a
 * bias over the last axis and one per channel.
 *
 * @param leftIsFull whether it is the left operand that has the result's shape
 */
public record Periods(boolean leftIsFull, int inner, int period) {

  /** Null where the shapes need the general way. */
  public static @Nullable Periods of(Shape a, Shape b, Shape y) {
    if (a.equals(y)) {
      return of(b, y, true);
    }
    return b.equals(y) ? of(a, y, false) : null;
  }

  private static @Nullable Periods of(Shape small, Shape y, boolean leftIsFull) {
    // The small operand's axes that are not 1 must be consecutive axes of the result.
    int lead = y.rank() - small.rank();
    int last = small.rank() - 1;
    while (last >= 0 && small.size(last) == 1) {
      last--;
    }
    int first = 0;
    while (first <= last && small.size(first) == 1) {
      first++;
    }
    long inner = 1;
    for (int i = lead + last + 1; i < y.rank(); i++) {
      inner *= y.size(i);
    }
    long period = 1;
    for (int i = first; i <= last; i++) {
      if (small.size(i) != y.size(lead + i)) {
        return null;
      }
      period *= small.size(i);
    }
    return new Periods(leftIsFull, (int) inner, (int) period);
  }
}
