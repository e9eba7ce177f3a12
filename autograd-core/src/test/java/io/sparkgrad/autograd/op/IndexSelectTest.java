// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IndexSelectTest {

  private static Tensor indices(long... values) {
    return Tensor.of(values);
  }

  @Test
  void valuesAreRight() {
    values(IndexSelect.of(arange(3, 2), indices(2, 0, 2)), Shape.of(3, 2), 4, 5, 0, 1, 4, 5);
    values(IndexSelect.of(arange(3, 2), indices()), Shape.of(0, 2));
    assertArrayEquals(
        new long[] {8, 7}, IndexSelect.of(indices(7, 8), indices(1, 0)).toLongArray());
  }

  @Test
  void alongAnyAxis() {
    values(arange(2, 3).indexSelect(1, indices(2, 0)), Shape.of(2, 2), 2, 0, 5, 3);
    values(arange(2, 3).indexSelect(-2, indices(1)), Shape.of(1, 3), 3, 4, 5);
    gradients(x -> x.indexSelect(-1, indices(1, 1, 0)), random(1, 2, 3, 2));
    gradients(x -> x.indexSelect(1, indices()), random(1, 2, 3, 2));
  }

  static Stream<long[]> choices() {
    return Stream.of(
        new long[] {0}, new long[] {2, 0, 2, 2}, new long[] {}, new long[] {3, 2, 1, 0});
  }

  @ParameterizedTest
  @MethodSource("choices")
  void gradientsAreRight(long[] choice) {
    gradients(x -> IndexSelect.of(x, indices(choice)), random(1, 4, 3));
    gradients(x -> IndexSelect.of(x, indices(choice)), random(1, 4));
    gradients(x -> IndexSelect.of(x, indices(choice)), random(1, 4, 0));
  }

  @Test
  @DisplayName("G12: index_select([2,0,2]) of [1,2,3], go [1,10,100] gives [10,0,101]")
  void repeated() {
    Tensor x = v(1, 2, 3).requiresGrad_();
    IndexSelect.of(x, indices(2, 0, 2)).backward(v(1, 10, 100));
    values(x.grad(), 10, 0, 101);
  }

  @Test
  @DisplayName("INP-5, INP-6: indices are saved and checked, what they took from is not")
  void saves() {
    Tensor x = v(1, 2, 3).requiresGrad_();
    Tensor indices = indices(2, 0);
    Tensor y = IndexSelect.of(x.copy(), indices);
    indices.fill_(1);
    assertThrows(InplaceModificationException.class, () -> y.backward(v(1, 1)));
  }

  @Test
  void badIndices() {
    for (long bad : new long[] {3, -1, 1L << 32}) {
      rejects(
          IndexOutOfBoundsException.class,
          "index_select: index %d at position 1 is out of bounds for an axis of size 3"
              .formatted(bad),
          () -> IndexSelect.of(v(1, 2, 3), indices(0, bad)));
    }
    rejects(
        ShapeMismatchException.class,
        "index_select: expected an INT64 vector of indices into a tensor of rank 1 or more, got FLOAT64 [1] and [3]",
        () -> IndexSelect.of(v(1, 2, 3), v(0)));
  }
}
