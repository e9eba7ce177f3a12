// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.benchmark;

import io.sparkgrad.backend.Conv2dGeometry;

/** Convolutions of square images with a square kernel and half of it as padding. */
public enum ConvolutionShape {
  SIMPLE_CNN_CONV1(32, 3, 32, 16, 3, 1, 1),
  SIMPLE_CNN_CONV2(32, 16, 32, 32, 3, 1, 1),
  RESNET18_CONV1(16, 3, 64, 64, 7, 2, 1),
  RESNET18_LAYER1(16, 64, 16, 64, 3, 1, 1),
  RESNET18_LAYER2_FIRST(16, 64, 16, 128, 3, 2, 1),
  RESNET18_LAYER2_DOWNSAMPLE(16, 64, 16, 128, 1, 2, 1),
  RESNET18_LAYER2(16, 128, 8, 128, 3, 1, 1),
  RESNET18_LAYER3(16, 256, 4, 256, 3, 1, 1),
  RESNET18_LAYER4(16, 512, 2, 512, 3, 1, 1),
  MOBILENETV4_STEM(32, 1, 112, 32, 3, 2, 1),
  MOBILENETV4_DEPTHWISE_5X5(32, 72, 14, 72, 5, 1, 72),
  MOBILENETV4_DEPTHWISE_3X3(32, 64, 7, 64, 3, 1, 64),
  MOBILENETV4_POINTWISE_EXPAND(32, 24, 14, 72, 1, 1, 1),
  MOBILENETV4_POINTWISE_PROJECT(32, 192, 7, 48, 1, 1, 1);

  @SuppressWarnings("ImmutableEnumChecker") // it is a record of numbers
  final Conv2dGeometry geometry;

  ConvolutionShape(int n, int in, int size, int out, int kernel, int stride, int groups) {
    int pad = kernel / 2;
    geometry =
        new Conv2dGeometry(
            n, in, size, size, out, kernel, kernel, stride, stride, pad, pad, 1, 1, groups);
  }

  long inputs() {
    return (long) geometry.n() * geometry.inChannels() * geometry.height() * geometry.width();
  }

  long weights() {
    return (long) geometry.outChannels()
        * geometry.inChannelsPerGroup()
        * geometry.kernelHeight()
        * geometry.kernelWidth();
  }

  long outputs() {
    return (long) geometry.n()
        * geometry.outChannels()
        * geometry.outHeight()
        * geometry.outWidth();
  }

  /** Two for each weight at each position of the output, padding included; for each kernel. */
  long flops() {
    return 2 * weights() * geometry.n() * geometry.outHeight() * geometry.outWidth();
  }
}
