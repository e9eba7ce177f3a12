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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvTranspose2dTest {
  private static final Conv2dOptions PLAIN = Conv2dOptions.DEFAULT;

  @Test
  @DisplayName("numbers as PyTorch gives them; each input adds a multiple of the kernel")
  void valuesAreRight() {
    Tensor x = arange(1, 1, 3, 3).add(1);
    Tensor w = t(new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
    values(
        ConvTranspose2d.of(x, w, null, PLAIN, 0, 0),
        Shape.of(1, 1, 4, 4),
        1,
        4,
        7,
        6,
        7,
        23,
        33,
        24,
        19,
        53,
        63,
        42,
        21,
        52,
        59,
        36);
    Tensor corner = t(new double[] {1, 2, 4, 5}, 1, 1, 2, 2);
    values(
        ConvTranspose2d.of(corner, w, v(10), PLAIN.withStride(2).withPadding(1), 1, 1),
        Shape.of(1, 1, 3, 3),
        14,
        16,
        18,
        18,
        15,
        20,
        26,
        25,
        30);
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1,1, 1,1,1, 1,0,1,1,0",
    "2,3,2,3, 2,2,2, 1,0,1,1,0",
    "1,2,3,2, 4,3,2, 2,1,1,2,1",
    "1,2,2,2, 2,2,3, 1,1,2,2,1",
    "0,2,3,3, 2,2,2, 1,0,1,1,0"
  })
  void gradientsAreRight(
      int n,
      int in,
      int h,
      int w,
      int out,
      int kh,
      int kw,
      int stride,
      int pad,
      int dilation,
      int groups,
      int more) {
    Conv2dOptions options = new Conv2dOptions(stride, stride, pad, pad, dilation, dilation, groups);
    allGradients(
        t -> ConvTranspose2d.of(t.get(0), t.get(1), t.get(2), options, more, more),
        random(1, n, in, h, w),
        random(2, in, out / groups, kh, kw),
        random(3, out));
  }

  @Test
  void badInput() {
    Tensor x = arange(1, 1, 2, 2);
    rejects(
        ShapeMismatchException.class,
        "conv_transpose2d: expected an input [n, in, height, width] and a weight [in, out/groups, height, width] with in divisible by groups, got [1, 1, 2, 2], [2, 1, 1, 1] and groups 1",
        () -> ConvTranspose2d.of(x, random(1, 2, 1, 1, 1), null, PLAIN, 0, 0));
    rejects(
        IllegalArgumentException.class,
        "conv_transpose2d: output padding must be smaller than either stride or dilation, got 1 for stride 1 and dilation 1",
        () -> ConvTranspose2d.of(x, random(1, 1, 1, 1, 1), null, PLAIN, 1, 0));
    rejects(
        ShapeMismatchException.class,
        "conv_transpose2d: the padding leaves nothing of input [1, 1, 2, 2] and weight [1, 1, 1, 1]: 0×0",
        () -> ConvTranspose2d.of(x, random(1, 1, 1, 1, 1), null, PLAIN.withPadding(1), 0, 0));
    rejects(
        ShapeMismatchException.class,
        "conv_transpose2d: expected a bias of shape [1], got [2]",
        () -> ConvTranspose2d.of(x, random(1, 1, 1, 1, 1), v(1, 2), PLAIN, 0, 0));
  }
}
