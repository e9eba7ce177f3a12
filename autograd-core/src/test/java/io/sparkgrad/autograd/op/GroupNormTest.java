// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupNormTest {

  @Test
  void valuesAreRight() { // groups (1, 3) with mean 2, variance 1 and (2, 6) with 4, 4; ε = 0.5
    double a = 1 / Math.sqrt(1.5);
    double b = 2 / Math.sqrt(4.5);
    values(
        GroupNorm.of(t(new double[] {1, 3, 2, 6}, 1, 4), 2, v(1, 2, 3, 4), v(0, 0, 1, 1), 0.5),
        Shape.of(1, 4),
        -a,
        2 * a,
        1 - 3 * b,
        1 + 4 * b);
  }

  @ParameterizedTest
  @CsvSource({"2,4,3,1", "1,4,1,2", "2,3,2,3", "0,2,2,1"})
  void gradientsAreRight(long n, long channels, long length, int groups) {
    allGradients(
        in -> GroupNorm.of(in.get(0), groups, in.get(1), in.get(2), 0.1),
        random(1, n, channels, length),
        random(2, channels),
        random(3, channels));
    gradients(x -> GroupNorm.of(x, groups, null, null, 0.1), random(1, n, channels));
  }

  @Test
  void badShapes() {
    rejects(
        ShapeMismatchException.class,
        "group_norm: expected [n, channels, ...] with channels divisible by 2 groups, got [2, 3]",
        () -> GroupNorm.of(random(1, 2, 3), 2, null, null, 0.1));
    rejects(
        ShapeMismatchException.class,
        "group_norm: expected weight and bias of shape [4], got [2]",
        () -> GroupNorm.of(random(1, 2, 4), 2, v(1, 2), null, 0.1));
  }

  @Test
  void oneValuePerGroup() {
    rejects(
        ShapeMismatchException.class,
        "group_norm: expected more than 1 value per group, got shape [1, 3] with 3 groups",
        () -> GroupNorm.of(random(1, 1, 3), 3, null, null, 0.1));
  }
}
