// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Conv2dTest {

  private static final Conv2dOptions PLAIN = Conv2dOptions.DEFAULT;

  @Test
  @DisplayName("O01: a 2×2 kernel over 1…9, and the three gradients")
  void valuesAreRight() {
    Tensor x = arange(1, 1, 3, 3).add(1).detach().requiresGrad_();
    Tensor w = t(new double[] {1, 2, 3, 4}, 1, 1, 2, 2).requiresGrad_();
    Tensor b = v(.5).requiresGrad_();
    Tensor y = Conv2d.of(x, w, b, PLAIN);
    values(y, Shape.of(1, 1, 2, 2), 37.5, 47.5, 67.5, 77.5);
    y.backward(t(new double[] {1, 2, 3, 4}, 1, 1, 2, 2));
    values(x.grad(), 1, 4, 4, 6, 20, 16, 9, 24, 16);
    values(w.grad(), 37, 47, 67, 77);
    values(b.grad(), 10);
  }

  @Test
  @DisplayName("O03: dilation 2, and two groups")
  void dilationAndGroups() {
    Tensor w = t(new double[] {1, -1, 2, 0}, 1, 1, 2, 2);
    Tensor x = arange(1, 1, 4, 4).add(1);
    values(Conv2d.of(x, w, null, PLAIN.withDilation(2)), 16, 18, 24, 26);
    values(
        Conv2d.of(
            arange(1, 2, 2, 2).add(1),
            t(new double[] {2, 3}, 2, 1, 1, 1),
            null,
            PLAIN.withGroups(2)),
        2,
        4,
        6,
        8,
        15,
        18,
        21,
        24);
  }

  @ParameterizedTest(name = "n {0} in {1} {2}x{3} out {4} kernel {5}x{6} s {7} p {8} d {9} g {10}")
  @CsvSource({
    "1,1,1,1, 1,1,1, 1,0,1,1",
    "2,3,4,3, 2,1,1, 1,0,1,1", // 1×1
    "1,2,3,5, 2,1,1, 2,0,1,1", // 1×1 with a stride
    "1,2,4,4, 3,3,3, 1,1,1,1",
    "2,1,5,4, 2,3,2, 2,1,1,1",
    "1,1,6,5, 1,2,2, 1,0,2,1",
    "1,4,3,3, 4,3,3, 1,1,1,4", // depthwise
    "1,2,4,5, 4,3,3, 2,1,1,2", // depthwise, two outputs a channel
    "1,4,3,3, 2,2,2, 1,0,1,2", // groups
    "1,2,5,5, 2,3,3, 2,2,2,2",
    "1,1,2,2, 1,3,3, 3,2,1,1", // a stride past the end
    "0,2,3,3, 2,2,2, 1,0,1,1" // no image
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
      int groups) {
    Conv2dOptions options = new Conv2dOptions(stride, stride, pad, pad, dilation, dilation, groups);
    allGradients(
        t -> Conv2d.of(t.get(0), t.get(1), t.get(2), options),
        random(1, n, in, h, w),
        random(2, out, in / groups, kh, kw),
        random(3, out));
  }

  @Test
  void differentSettingsForHeightAndWidth() {
    Conv2dOptions options = new Conv2dOptions(2, 1, 0, 1, 1, 2, 1);
    allGradients(
        t -> Conv2d.of(t.get(0), t.get(1), null, options),
        random(1, 1, 2, 4, 5),
        random(2, 1, 2, 2, 3));
  }

  @Test
  @DisplayName("O01, O03: gradients for ones: plain, of dilation 2, of two groups")
  void gradientsForOnes() {
    Tensor w = t(new double[] {1, 2, 3, 4}, 1, 1, 2, 2).requiresGrad_();
    Tensor x = arange(1, 1, 3, 3).add(1).detach().requiresGrad_();
    Conv2d.of(x, w, null, PLAIN).sum().backward();
    values(x.grad(), 1, 3, 2, 4, 10, 6, 3, 7, 4);
    values(w.grad(), 12, 16, 24, 28);
    Tensor dilated = t(new double[] {1, -1, 2, 0}, 1, 1, 2, 2).requiresGrad_();
    Tensor y = arange(1, 1, 4, 4).add(1).detach().requiresGrad_();
    Conv2d.of(y, dilated, null, PLAIN.withDilation(2)).sum().backward();
    values(y.grad(), 1, 1, -1, -1, 1, 1, -1, -1, 2, 2, 0, 0, 2, 2, 0, 0);
    values(dilated.grad(), 14, 22, 46, 54);
    Tensor grouped = t(new double[] {2, 3}, 2, 1, 1, 1).requiresGrad_();
    Conv2d.of(arange(1, 2, 2, 2).add(1), grouped, null, PLAIN.withGroups(2)).sum().backward();
    values(grouped.grad(), 10, 26);
  }

  @Test
  @DisplayName("O03: settings that make no sense")
  void badOptions() {
    rejects(
        IllegalArgumentException.class,
        "conv2d: groups must be a positive integer, got 0",
        () -> PLAIN.withGroups(0));
    rejects(
        IllegalArgumentException.class,
        "conv2d: non-positive stride is not supported, got -1×-1",
        () -> PLAIN.withStride(-1));
    rejects(
        IllegalArgumentException.class,
        "conv2d: negative padding is not supported, got -1×-1",
        () -> PLAIN.withPadding(-1));
    rejects(
        IllegalArgumentException.class,
        "conv2d: dilation must be a positive integer, got 0×0",
        () -> PLAIN.withDilation(0));
  }

  private static void rejected(String message, Shape x, Shape weight, Conv2dOptions options) {
    rejects(
        ShapeMismatchException.class,
        message,
        () -> Conv2d.of(random(1, x), random(2, weight), null, options));
  }

  @Test
  void badShapes() {
    rejected(
        "conv2d: expected channels that are divisible by groups, got input [1, 3, 4, 4], weight [2, 1, 1, 1] and groups 2",
        Shape.of(1, 3, 4, 4),
        Shape.of(2, 1, 1, 1),
        PLAIN.withGroups(2));
    rejected(
        "conv2d: expected an input of 3 channels for weight [2, 3, 1, 1] and groups 1, got [1, 2, 4, 4]",
        Shape.of(1, 2, 4, 4),
        Shape.of(2, 3, 1, 1),
        PLAIN);
    rejected(
        "conv2d: the kernel of weight [1, 1, 3, 3] is larger than the padded input [1, 1, 2, 2]",
        Shape.of(1, 1, 2, 2),
        Shape.of(1, 1, 3, 3),
        PLAIN);
    rejected(
        "conv2d: expected a kernel of 1×1 or more, got weight [1, 1, 0, 1]",
        Shape.of(1, 1, 2, 2),
        Shape.of(1, 1, 0, 1),
        PLAIN);
    rejected(
        "conv2d: expected an input [n, channels, height, width] and a weight [out, in/groups, height, width], got [2, 2] and [1, 1, 1, 1]",
        Shape.of(2, 2),
        Shape.of(1, 1, 1, 1),
        PLAIN);
  }

  @Test
  void badBiasAndTypes() {
    rejects(
        ShapeMismatchException.class,
        "conv2d: expected a bias of shape [2], got [3]",
        () -> Conv2d.of(arange(1, 1, 2, 2), random(1, 2, 1, 1, 1), v(1, 2, 3), PLAIN));
    rejects(
        AutogradException.class,
        "conv2d: expected tensors of one dtype, got FLOAT32 and FLOAT64",
        () -> Conv2d.of(Tensor.zeros(1, 1, 2, 2), random(1, 2, 1, 1, 1), null, PLAIN));
  }
}
