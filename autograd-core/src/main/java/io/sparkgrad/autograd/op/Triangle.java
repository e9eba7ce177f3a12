// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.IntStream;

/** The lower or upper triangle of each matrix, zeros elsewhere: {@code tril} and {@code triu}. */
public final class Triangle {
  private Triangle() {}

  /** Up to the diagonal that lies {@code diagonal} above the main one. */
  public static Tensor lower(Tensor x, long diagonal) {
    return kept("tril", x, true, diagonal);
  }

  /** From the diagonal on that lies {@code diagonal} above the main one. */
  public static Tensor upper(Tensor x, long diagonal) {
    return kept("triu", x, false, diagonal);
  }

  private static Tensor kept(String op, Tensor x, boolean lower, long diagonal) {
    Kernels.floating(op, x);
    if (x.rank() < 2) {
      throw new ShapeMismatchException(
          op + ": expected a matrix or a batch of them, got shape " + x.shape());
    }
    long rows = x.size(-2);
    long columns = x.size(-1);
    long[] dropped =
        IntStream.range(0, Math.toIntExact(x.numel()))
            .filter(
                i -> {
                  long above = i % columns - i / columns % rows - diagonal;
                  return lower ? above > 0 : above < 0;
                })
            .asLongStream()
            .toArray();
    return Overwrite.all(x, dropped, Tensor.zeros(Shape.scalar(), x.dtype(), x.backend()));
  }
}
