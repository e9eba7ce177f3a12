// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.nn.AdaptiveAvgPool2d;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Init;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.MaxPool2d;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;

/**
 * Residual networks (He et al., Deep Residual Learning for Image Recognition, 2015) for images
 * {@code [n, 3, h, w]}. Those of 18, 34 and 50 layers carry torchvision's names and head {@code
 * fc}; {@link #cifar} makes the small ones for 32×32 pixels, with head {@code linear}. Convolutions
 * start normal with deviation {@code √(2/fanOut)}; a network that is built from its JSON has
 * PyTorch's default in its first one instead.
 */
public final class ResNet {
  private ResNet() {}

  public static Sequential resnet18(int classes) {
    return basic(new int[] {2, 2, 2, 2}, classes);
  }

  public static Sequential resnet34(int classes) {
    return basic(new int[] {3, 4, 6, 3}, classes);
  }

  public static Sequential resnet50(int classes) {
    int[] depths = {3, 4, 6, 3};
    Sequential.Builder net = stem();
    int in = 64;
    for (int i = 0; i < depths.length; i++) {
      int planes = 64 << i;
      Module[] blocks = new Module[depths[i]];
      for (int j = 0; j < blocks.length; j++) {
        blocks[j] = new Bottleneck(in, planes, i > 0 && j == 0 ? 2 : 1);
        in = planes * Bottleneck.EXPANSION;
      }
      net.add("layer" + (i + 1), new Sequential(blocks));
    }
    return headed(net, "fc", in, classes);
  }

  private static Sequential basic(int[] depths, int classes) {
    Sequential.Builder net = stem();
    int in = 64;
    for (int i = 0; i < depths.length; i++) {
      net.add("layer" + (i + 1), stage(in, 64 << i, depths[i], i > 0 ? 2 : 1, false));
      in = 64 << i;
    }
    return headed(net, "fc", in, classes);
  }

  /**
   * Three stages of 16, 32 and 64 channels with shortcuts that have no parameters.
   *
   * @param depth 20, 32, 44, 56, 110: any 6n + 2
   */
  public static Sequential cifar(int depth, int classes) {
    if (depth < 8 || depth % 6 != 2) {
      throw new IllegalArgumentException(
          "ResNet: expected a depth of 6n + 2 such as 20, 32 or 56, got " + depth);
    }
    int blocks = (depth - 2) / 6;
    Sequential.Builder net =
        Sequential.builder()
            .add("conv1", conv(3, 16, 3, 1))
            .add("bn1", new BatchNorm2d(16))
            .add("relu", new ReLU())
            .add("layer1", stage(16, 16, blocks, 1, true))
            .add("layer2", stage(16, 32, blocks, 2, true))
            .add("layer3", stage(32, 64, blocks, 2, true));
    return headed(net, "linear", 64, classes);
  }

  private static Sequential.Builder stem() {
    return Sequential.builder()
        .add("conv1", conv(3, 64, 7, 2))
        .add("bn1", new BatchNorm2d(64))
        .add("relu", new ReLU())
        .add("maxpool", new MaxPool2d(3, 2, 1));
  }

  private static Sequential headed(Sequential.Builder net, String head, int in, int classes) {
    return net.add("avgpool", new AdaptiveAvgPool2d(1))
        .add("flatten", new Flatten())
        .add(head, new Linear(in, classes))
        .build();
  }

  private static Sequential stage(int in, int planes, int depth, int stride, boolean padded) {
    Module[] blocks = new Module[depth];
    for (int i = 0; i < depth; i++) {
      blocks[i] = new BasicBlock(i == 0 ? in : planes, planes, i == 0 ? stride : 1, padded);
    }
    return new Sequential(blocks);
  }

  /** 1×1 with the stride, and batch norm. */
  static Module projection(int in, int out, int stride) {
    return new Sequential(conv(in, out, 1, stride), new BatchNorm2d(out));
  }

  /** Without a bias, padded to keep the size but for the stride. */
  static Conv2d conv(int in, int out, int kernel, int stride) {
    Conv2d conv =
        new Conv2d(
            in,
            out,
            kernel,
            Conv2dOptions.DEFAULT.withStride(stride).withPadding(kernel / 2),
            false);
    double std = Math.sqrt(2.0 / Init.fanOut(conv.weight().shape()));
    Init.normal_(conv.weight(), 0, std, Generator.current());
    return conv;
  }
}
