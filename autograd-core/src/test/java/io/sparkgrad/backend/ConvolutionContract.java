// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Convolution with both gradients. */
interface ConvolutionContract extends BackendContract {
  private static Conv2dGeometry square(
      int n, int in, int h, int w, int out, int k, int stride, int pad, int dilation, int groups) {
    return new Conv2dGeometry(
        n, in, h, w, out, k, k, stride, stride, pad, pad, dilation, dilation, groups);
  }

  static Stream<Conv2dGeometry> convolutions() {
    return Stream.of(
        square(1, 1, 1, 1, 1, 1, 1, 0, 1, 1),
        square(2, 3, 8, 8, 16, 3, 1, 1, 1, 1),
        square(2, 5, 7, 9, 4, 1, 1, 0, 1, 1), // 1×1
        square(2, 5, 7, 9, 4, 1, 2, 0, 1, 1), // 1×1 with a stride
        square(1, 5, 7, 9, 4, 1, 1, 1, 1, 1), // 1×1 with padding
        square(2, 4, 9, 7, 6, 3, 2, 1, 1, 2), // groups, stride
        square(1, 6, 8, 11, 6, 3, 1, 1, 1, 6), // depthwise
        square(2, 4, 12, 13, 4, 5, 2, 2, 1, 4), // depthwise 5×5, stride
        square(1, 3, 7, 6, 6, 3, 1, 2, 2, 3), // depthwise, two outputs each, dilation
        square(1, 2, 9, 9, 3, 3, 3, 0, 2, 1), // dilation, stride
        square(1, 2, 2, 2, 2, 3, 1, 2, 1, 1), // more padding than image
        square(1, 1, 2, 2, 1, 3, 5, 2, 1, 1), // a stride past the end
        square(0, 2, 4, 4, 2, 3, 1, 1, 1, 1), // no image
        square(2, 128, 3, 4, 256, 3, 1, 1, 1, 1), // more weights than pixels
        square(
            3, 128, 5, 4, 256, 3, 2, 2, 2, 1), // the same with a stride, dilation and places unseen
        new Conv2dGeometry(1, 2, 6, 9, 3, 3, 2, 1, 2, 0, 1, 2, 1, 1),
        new Conv2dGeometry(2, 3, 5, 8, 3, 1, 4, 2, 1, 1, 0, 1, 2, 3));
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.ConvolutionContract#convolutions")
  default void conv2d(Conv2dGeometry c) {
    double[] x = random(1, c.n() * c.inChannels() * c.height() * c.width());
    int taps = c.inChannelsPerGroup() * c.kernelHeight() * c.kernelWidth();
    double[] w = random(2, c.outChannels() * taps);
    double[] bias = random(3, c.outChannels());
    int plane = c.outHeight() * c.outWidth();
    double[] gy = random(4, c.n() * c.outChannels() * plane);
    double[] y = new double[gy.length];
    double[] gx = new double[x.length];
    double[] gw = new double[w.length];
    naive(c, x, w, gy, y, gx, gw);
    double[] biased = y.clone();
    for (int i = 0; i < y.length; i++) {
      biased[i] += bias[i / plane % c.outChannels()];
    }
    for (DType dtype : types()) {
      Buffer out = dirty(dtype, y.length);
      backend().conv2d(c, buffer(dtype, x), buffer(dtype, w), null, out);
      assertClose("conv2d " + c, taps, y, out);
      Buffer withBias = dirty(dtype, y.length);
      backend().conv2d(c, buffer(dtype, x), buffer(dtype, w), buffer(dtype, bias), withBias);
      assertClose("conv2d with bias " + c, taps, biased, withBias);
      Buffer xGradient = dirty(dtype, x.length);
      backend().conv2dInputGradient(c, buffer(dtype, gy), buffer(dtype, w), xGradient);
      assertClose("input gradient " + c, taps * c.outChannels(), gx, xGradient);
      Buffer wGradient = dirty(dtype, w.length);
      Buffer bGradient = dirty(dtype, c.outChannels());
      backend().conv2dWeightGradient(c, buffer(dtype, x), buffer(dtype, gy), wGradient, bGradient);
      assertClose("bias gradient", gy.length, biasGradient(c, gy), bGradient);
      assertClose("weight gradient " + c, c.n() * plane, gw, wGradient);
      Buffer again = dirty(dtype, w.length);
      backend().conv2dWeightGradient(c, buffer(dtype, x), buffer(dtype, gy), again, null);
      assertArrayEquals(read(wGradient), read(again), "the same bits every time");
    }
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.ConvolutionContract#convolutions")
  default void conv2dWithEpilogue(Conv2dGeometry c) {
    double[] x = random(1, c.n() * c.inChannels() * c.height() * c.width());
    int taps = c.inChannelsPerGroup() * c.kernelHeight() * c.kernelWidth();
    double[] w = random(2, c.outChannels() * taps);
    double[] bias = random(3, c.outChannels());
    double[] scale = random(4, c.outChannels());
    double[] shift = random(5, c.outChannels());
    int plane = c.outHeight() * c.outWidth();
    double[] y = new double[c.n() * c.outChannels() * plane];
    double[] summand = random(6, y.length);
    naive(c, x, w, y, y, new double[x.length], new double[w.length]);
    double[] relu = y.clone();
    double[] all = y.clone();
    for (int i = 0; i < y.length; i++) {
      int channel = i / plane % c.outChannels();
      relu[i] = Math.max(0, y[i]);
      double biased = y[i] + bias[channel];
      all[i] = Math.max(0, biased * scale[channel] + shift[channel] + summand[i]);
    }
    for (DType dtype : types()) {
      Buffer out = dirty(dtype, y.length);
      backend().conv2d(c, buffer(dtype, x), buffer(dtype, w), null, Epilogue.RELU, out);
      assertClose("relu of conv2d " + c, taps, relu, out);
      Epilogue everything =
          new Epilogue(buffer(dtype, scale), buffer(dtype, shift), buffer(dtype, summand), true);
      Buffer full = dirty(dtype, y.length);
      backend()
          .conv2d(c, buffer(dtype, x), buffer(dtype, w), buffer(dtype, bias), everything, full);
      assertClose("conv2d with everything " + c, taps, all, full);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 1e38})
  default void reluBehindConv2dLosesNoNaN(double special) {
    Conv2dGeometry c = square(1, 16, 8, 8, 16, 3, 1, 1, 1, 1);
    double[] x = random(1, 16 * 64);
    x[100] = special;
    x[101] = -special;
    double[] w = random(2, 16 * 16 * 9);
    for (int i = 0; i < w.length; i++) {
      w[i] *= 1000;
    }
    for (DType dtype : types()) {
      Buffer together = dirty(dtype, 16 * 64);
      backend().conv2d(c, buffer(dtype, x), buffer(dtype, w), null, Epilogue.RELU, together);
      Buffer apart = dirty(dtype, 16 * 64);
      backend().conv2d(c, buffer(dtype, x), buffer(dtype, w), null, apart);
      backend().unary(UnaryKernel.RELU, 0, apart, apart);
      assertArrayEquals(read(apart), read(together));
    }
  }

  /** Every product of an input and a weight, with the output it belongs to. */
  private static void naive(
      Conv2dGeometry c, double[] x, double[] w, double[] gy, double[] y, double[] gx, double[] gw) {
    int perGroup = c.inChannelsPerGroup();
    int kh = c.kernelHeight();
    int kw = c.kernelWidth();
    for (int k = 0; k < y.length; k++) {
      int ow = k % c.outWidth();
      int oh = k / c.outWidth() % c.outHeight();
      int out = k / (c.outWidth() * c.outHeight()) % c.outChannels();
      int n = k / (c.outWidth() * c.outHeight() * c.outChannels());
      int group = out / c.outChannelsPerGroup();
      for (int tap = 0; tap < perGroup * kh * kw; tap++) {
        int in = group * perGroup + tap / (kh * kw);
        int row = oh * c.strideHeight() - c.padHeight() + tap / kw % kh * c.dilationHeight();
        int column = ow * c.strideWidth() - c.padWidth() + tap % kw * c.dilationWidth();
        if (row >= 0 && row < c.height() && column >= 0 && column < c.width()) {
          int i = ((n * c.inChannels() + in) * c.height() + row) * c.width() + column;
          int j = out * perGroup * kh * kw + tap;
          y[k] += x[i] * w[j];
          gx[i] += gy[k] * w[j];
          gw[j] += gy[k] * x[i];
        }
      }
    }
  }

  private static double[] biasGradient(Conv2dGeometry c, double[] gy) {
    double[] sums = new double[c.outChannels()];
    int plane = c.outHeight() * c.outWidth();
    for (int i = 0; i < gy.length; i++) {
      sums[i / plane % c.outChannels()] += gy[i];
    }
    return sums;
  }
}
