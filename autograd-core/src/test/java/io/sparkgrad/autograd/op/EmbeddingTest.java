// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
  private static Tensor longs(long[] values, long... dims) {
    return Tensor.of(values, dims);
  }

  @Test
  @DisplayName(
      "O14: padding_idx 0, idx [[1, 2, 1], [0, 3, 0]] gives W.grad [[0, 0], [2, 2], [1, 1], [1, 1]]")
  void padding() {
    Tensor w = arange(4, 2).requiresGrad_();
    Tensor y = Embedding.of(w, longs(new long[] {1, 2, 1, 0, 3, 0}, 2, 3), 0);
    values(y, Shape.of(2, 3, 2), 2, 3, 4, 5, 2, 3, 0, 1, 6, 7, 0, 1);
    y.sum().backward();
    values(w.grad(), 0, 0, 2, 2, 1, 1, 1, 1);
  }

  @Test
  void gradientsAreRight() {
    Tensor numbers = longs(new long[] {1, 2, 1, 0}, 2, 2);
    gradients(w -> Embedding.of(w, numbers, Embedding.NO_PADDING), random(1, 3, 2));
    gradients(w -> Embedding.of(w, longs(new long[0], 0), Embedding.NO_PADDING), random(1, 3, 2));
    gradients(w -> Embedding.of(w, longs(new long[] {2}).reshape(), 0), random(1, 3, 2));
  }

  @Test
  @DisplayName("INP-6: the numbers are saved, the table is not")
  void saves() {
    Tensor w = random(1, 3, 2).copy();
    Tensor numbers = longs(new long[] {1});
    Tensor y = Embedding.of(w, numbers, Embedding.NO_PADDING);
    try (var mode = GradMode.noGrad()) {
      w.fill_(0);
    }
    numbers.fill_(0);
    assertThrows(InplaceModificationException.class, () -> y.sum().backward());
  }

  @Test
  void badNumbers() {
    rejects(
        IndexOutOfBoundsException.class,
        "embedding: index 3 is out of bounds for 3 rows",
        () -> Embedding.of(random(1, 3, 2), longs(new long[] {3}), Embedding.NO_PADDING));
    rejects(
        ShapeMismatchException.class,
        "embedding: expected a weight [rows, size] and INT64 indices, got [3, 2] and FLOAT64 [1]",
        () -> Embedding.of(random(1, 3, 2), v(1), Embedding.NO_PADDING));
  }
}
