// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.nn.AdaptiveAvgPool2d;
import io.sparkgrad.nn.BlurPool2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;

/**
 * MobileNetV4 (Qin et al., 2024) as timm's {@code mobilenetv4_conv_small_050} with anti-aliasing,
 * for images of one channel, batch norm folded into the convolutions. Layer names are timm's.
 */
public final class MobileNetV4 {
  /** Channels that {@link #convSmall050Backbone()} puts out. */
  public static final int CONV_SMALL_050_FEATURES = 336;

  private MobileNetV4() {}

  /**
   * Input {@code [n, 1, h, w]}, white on black, 0 to 1; output {@code [n, classes]}. The head is
   * called {@code head}.
   */
  public static Sequential convSmall050(int classes) {
    Sequential.Builder net = Sequential.builder();
    convSmall050Backbone().namedChildren().forEach(net::add);
    return net.add("head", new Linear(CONV_SMALL_050_FEATURES, classes)).build();
  }

  /** Input {@code [n, 1, h, w]}; output {@code [n, 336]}, the means of the last maps. */
  public static Sequential convSmall050Backbone() {
    return Sequential.builder()
        .add("conv_stem", conv(1, 32, 3, 2, 1))
        .add("relu", new ReLU())
        .add(
            "blocks",
            new Sequential(
                new Sequential(convBlock(32, 16, 3, 2), convBlock(16, 16, 1, 1)),
                new Sequential(convBlock(16, 32, 3, 2), convBlock(32, 24, 1, 1)),
                new Sequential(
                    inverted(24, 72, 32, 5, 5, 2),
                    inverted(32, 64, 32, 0, 3, 1),
                    inverted(32, 64, 32, 0, 3, 1),
                    inverted(32, 64, 32, 0, 3, 1),
                    inverted(32, 64, 32, 0, 3, 1),
                    inverted(32, 128, 32, 3, 0, 1)),
                new Sequential(
                    inverted(32, 192, 48, 3, 3, 2),
                    inverted(48, 192, 48, 5, 5, 1),
                    inverted(48, 192, 48, 0, 5, 1),
                    inverted(48, 144, 48, 0, 5, 1),
                    inverted(48, 192, 48, 0, 3, 1),
                    inverted(48, 192, 48, 0, 3, 1)),
                new Sequential(convBlock(48, CONV_SMALL_050_FEATURES, 1, 1))))
        .add("pool", new AdaptiveAvgPool2d(1))
        .add("flatten", new Flatten())
        .build();
  }

  /** Convolution and relu; a stride of 2 is taken by a blur behind them. */
  private static Module convBlock(int in, int out, int kernel, int stride) {
    return activated(conv(in, out, kernel, 1, 1), out, stride);
  }

  private static Module activated(Conv2d conv, int channels, int stride) {
    Sequential.Builder block = Sequential.builder().add("conv", conv).add("relu", new ReLU());
    if (stride > 1) {
      block.add("aa", new BlurPool2d(channels, stride));
    }
    return block.build();
  }

  /**
   * The universal inverted bottleneck: a depthwise kernel before and one after the expansion,
   * either of which may be missing (size 0), and a projection; with a shortcut where the shape
   * stays.
   */
  private static Module inverted(
      int in, int expanded, int out, int startKernel, int midKernel, int stride) {
    Sequential.Builder block = Sequential.builder();
    if (startKernel > 0) {
      block.add("dw_start", plain(conv(in, in, startKernel, 1, in)));
    }
    block.add("pw_exp", activated(conv(in, expanded, 1, 1, 1), expanded, 1));
    if (midKernel > 0) {
      block.add(
          "dw_mid", activated(conv(expanded, expanded, midKernel, 1, expanded), expanded, stride));
    }
    block.add("pw_proj", plain(conv(expanded, out, 1, 1, 1)));
    return in == out && stride == 1 ? block.buildResidual() : block.build();
  }

  private static Module plain(Conv2d conv) {
    return Sequential.builder().add("conv", conv).build();
  }

  private static Conv2d conv(int in, int out, int kernel, int stride, int groups) {
    return new Conv2d(
        in,
        out,
        kernel,
        Conv2dOptions.DEFAULT.withStride(stride).withPadding(kernel / 2).withGroups(groups));
  }
}
