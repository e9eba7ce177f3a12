// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitTest {
  private static List<String> shapes(List<Tensor> parts) {
    return parts.stream().map(p -> p.shape().toString()).toList();
  }

  @Test
  void valuesAreRight() {
    values(arange(5).split(0, 2, 3).get(1), 2, 3, 4);
    assertEquals(List.of("[2]", "[2]", "[1]"), shapes(Split.every(arange(5), 0, 2)));
    assertEquals(List.of("[0]"), shapes(Split.every(arange(0), 0, 2)));
    assertEquals(List.of("[1, 3]", "[1, 3]"), shapes(arange(2, 3).chunk(0, 5)));
    assertEquals(List.of("[3]", "[3]", "[1]"), shapes(arange(7).chunk(0, 3)));
    assertEquals(List.of("[2]", "[2]", "[2]"), shapes(arange(2, 3).unbind(1)));
    values(arange(2, 3).unbind(-1).get(1), 1, 4);
  }

  @Test
  @DisplayName("E12, RULE-4: parts that no gradient reaches count as zero")
  void missingParts() {
    Tensor x = random(1, 8, 1);
    x.chunk(0, 4).get(1).mul(4).sum().backward();
    values(x.grad(), 0, 0, 4, 4, 0, 0, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void gradientsAreRight(int axis) {
    gradients(x -> Concat.of(x.chunk(axis, 2), axis).square(), random(1, 2, 3, 1));
    gradients(x -> Stack.of(x.unbind(axis), 0).square(), random(1, 2, 3, 1));
  }

  @Test
  void badSizes() {
    rejects(
        ShapeMismatchException.class,
        "split: expected sizes that add up to axis 0 of shape [3], got [1, 1]",
        () -> arange(3).split(0, 1, 1));
    rejects(
        IllegalArgumentException.class,
        "split: expected a size of 1 or more, got 0",
        () -> Split.every(arange(3), 0, 0));
    rejects(
        IllegalArgumentException.class,
        "chunk: expected 1 chunk or more, got 0",
        () -> arange(3).chunk(0, 0));
  }

  @Test
  void chunksOfAnEmptyAxis() {
    assertEquals(List.of("[2, 0]", "[2, 0]", "[2, 0]"), shapes(arange(2, 0).chunk(1, 3)));
  }
}
