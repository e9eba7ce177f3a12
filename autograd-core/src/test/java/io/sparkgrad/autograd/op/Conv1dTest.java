// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Conv1dTest {
  @Test
  void valuesAreRight() { // 1·1 − 1·3, 1·2 − 1·4, and a bias of 10
    Tensor w = t(new double[] {1, 0, -1}, 1, 1, 3);
    values(
        Conv1d.of(arange(1, 1, 4).add(1), w, v(10), Conv2dOptions.DEFAULT),
        Shape.of(1, 1, 2),
        8,
        8);
    values(
        Conv1d.of(
            arange(1, 1, 4).add(1), w, null, Conv2dOptions.DEFAULT.withPadding(1).withStride(2)),
        -2,
        -2);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1,1,1", "2,2,5,3,1,2", "1,4,4,2,2,2", "0,2,3,2,1,1"})
  void gradientsAreRight(long n, int in, long length, long k, int stride, int groups) {
    Conv2dOptions options =
        Conv2dOptions.DEFAULT.withStride(stride).withPadding(1).withGroups(groups);
    allGradients(
        t -> Conv1d.of(t.get(0), t.get(1), t.get(2), options),
        random(1, n, in, length),
        random(2, 2, in / groups, k),
        random(3, 2));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "conv1d: expected an input [n, channels, length] and a weight [out, in/groups, k], got [2, 2] and [1, 2, 1]",
        () -> Conv1d.of(arange(2, 2), random(1, 1, 2, 1), null, Conv2dOptions.DEFAULT));
  }
}
