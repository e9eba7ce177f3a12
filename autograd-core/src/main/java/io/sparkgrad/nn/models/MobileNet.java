// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.nn.AdaptiveAvgPool2d;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.BatchNormOptions;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Hardswish;
import io.sparkgrad.nn.Init;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.ReLU6;
import io.sparkgrad.nn.Sequential;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * MobileNetV2 (Sandler et al., 2018) and the small MobileNetV3 (Howard et al., 2019) for images
 * {@code [n, 3, h, w]}, with torchvision's names and start: convolutions normal with deviation
 * {@code √(2/fanOut)}, linear layers normal with 0.01, biases 0. A network that is built from its
 * JSON has PyTorch's defaults instead. The head is the last layer of {@code classifier}.
 */
public final class MobileNet {
  /** Expansion, channels, blocks and first stride of each stage of V2. */
  private static final int[][] V2 = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  /** Kernel, expanded and output channels, squeezed, hard swish, and stride of each V3 block. */
  private static final int[][] V3_SMALL = {
    {3, 16, 16, 1, 0, 2},
    {3, 72, 24, 0, 0, 2},
    {3, 88, 24, 0, 0, 1},
    {5, 96, 40, 1, 1, 2},
    {5, 240, 40, 1, 1, 1},
    {5, 240, 40, 1, 1, 1},
    {5, 120, 48, 1, 1, 1},
    {5, 144, 48, 1, 1, 1},
    {5, 288, 96, 1, 1, 2},
    {5, 576, 96, 1, 1, 1},
    {5, 576, 96, 1, 1, 1}
  };

  private static final double DROPOUT = 0.2;
  private static final BatchNormOptions V3_NORM = new BatchNormOptions(1e-3, 0.01, true, true);

  private MobileNet() {}

  /** torchvision's {@code mobilenet_v2}: 3,504,872 parameters for 1000 classes. */
  public static Sequential v2(int classes) {
    Layers layers = new Layers(BatchNormOptions.DEFAULT);
    List<Module> features = new ArrayList<>();
    features.add(layers.block(3, 32, 3, 2, 1, ReLU6::new));
    int in = 32;
    for (int[] stage : V2) {
      for (int i = 0; i < stage[2]; i++) {
        features.add(v2Block(layers, in, stage[0], stage[1], i == 0 ? stage[3] : 1));
        in = stage[1];
      }
    }
    features.add(layers.block(in, 1280, 1, 1, 1, ReLU6::new));
    return network(features, new Sequential(new Dropout(DROPOUT), linear(1280, classes)));
  }

  private static Module v2Block(Layers layers, int in, int expansion, int out, int stride) {
    int expanded = in * expansion;
    List<Module> branch = new ArrayList<>();
    if (expansion > 1) {
      branch.add(layers.block(in, expanded, 1, 1, 1, ReLU6::new));
    }
    branch.add(layers.block(expanded, expanded, 3, stride, expanded, ReLU6::new));
    branch.add(conv(expanded, out, 1, 1, 1, false));
    branch.add(new BatchNorm2d(out));
    return shortcut("conv", branch, stride == 1 && in == out);
  }

  /** torchvision's {@code mobilenet_v3_small}: 2,542,856 parameters for 1000 classes. */
  public static Sequential v3Small(int classes) {
    Layers layers = new Layers(V3_NORM);
    List<Module> features = new ArrayList<>();
    features.add(layers.block(3, 16, 3, 2, 1, Hardswish::new));
    int in = 16;
    for (int[] block : V3_SMALL) {
      features.add(v3Block(layers, in, block));
      in = block[2];
    }
    features.add(layers.block(in, 576, 1, 1, 1, Hardswish::new));
    return network(
        features,
        new Sequential(
            linear(576, 1024), new Hardswish(), new Dropout(DROPOUT), linear(1024, classes)));
  }

  private static Module v3Block(Layers layers, int in, int[] block) {
    int expanded = block[1];
    int out = block[2];
    int stride = block[5];
    Supplier<Module> activation = block[4] == 1 ? Hardswish::new : ReLU::new;
    List<Module> branch = new ArrayList<>();
    if (expanded != in) {
      branch.add(layers.block(in, expanded, 1, 1, 1, activation));
    }
    branch.add(layers.block(expanded, expanded, block[0], stride, expanded, activation));
    if (block[3] == 1) {
      branch.add(new SqueezeExcitation(expanded, divisible(expanded / 4)));
    }
    branch.add(layers.block(expanded, out, 1, 1, 1, null));
    return shortcut("block", branch, stride == 1 && in == out);
  }

  /** The nearest multiple of 8, but not less than 90% of the channels. */
  static int divisible(int channels) {
    int nearest = Math.max(8, (channels + 4) / 8 * 8);
    return nearest < 0.9 * channels ? nearest + 8 : nearest;
  }

  private static Module shortcut(String name, List<Module> branch, boolean sameShape) {
    Sequential.Builder block =
        Sequential.builder().add(name, new Sequential(branch.toArray(new Module[0])));
    return sameShape ? block.buildResidual() : block.build();
  }

  private static Sequential network(List<Module> features, Sequential classifier) {
    return Sequential.builder()
        .add("features", new Sequential(features.toArray(new Module[0])))
        .add("avgpool", new AdaptiveAvgPool2d(1))
        .add("flatten", new Flatten())
        .add("classifier", classifier)
        .build();
  }

  /** What the blocks of one network have in common. */
  private record Layers(BatchNormOptions norm) {
    /** Convolution, batch norm and, unless it is null, an activation. */
    Sequential block(
        int in,
        int out,
        int kernel,
        int stride,
        int groups,
        @Nullable Supplier<Module> activation) {
      Conv2d conv = conv(in, out, kernel, stride, groups, false);
      BatchNorm2d bn = new BatchNorm2d(out, norm);
      return activation == null
          ? new Sequential(conv, bn)
          : new Sequential(conv, bn, activation.get());
    }
  }

  private static Linear linear(int in, int out) {
    Linear linear = new Linear(in, out);
    Init.normal_(linear.weight(), 0, 0.01, Generator.current());
    zero(linear.bias());
    return linear;
  }

  /** Padded to keep the size but for the stride. */
  static Conv2d conv(int in, int out, int kernel, int stride, int groups, boolean bias) {
    Conv2dOptions options =
        Conv2dOptions.DEFAULT.withStride(stride).withPadding(kernel / 2).withGroups(groups);
    Conv2d conv = new Conv2d(in, out, kernel, options, bias);
    double std = Math.sqrt(2.0 / Init.fanOut(conv.weight().shape()));
    Init.normal_(conv.weight(), 0, std, Generator.current());
    zero(conv.bias());
    return conv;
  }

  private static void zero(@Nullable Tensor bias) {
    if (bias != null) {
      try (var mode = GradMode.noGrad()) {
        bias.zero_();
      }
    }
  }
}
