// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Fusion;
import io.sparkgrad.nn.LayerArguments;
import io.sparkgrad.nn.Module;
import org.jspecify.annotations.Nullable;

/**
 * A 3×3 convolution between two of 1×1 that narrow and widen, beside a shortcut: {@code [n,
 * in_planes, h, w]} to {@code [n, 4·planes, h/stride, w/stride]}. The stride is taken by the 3×3
 * convolution, as in torchvision.
 */
public final class Bottleneck extends Module {
  /** Output channels for each of {@code planes}. */
  static final int EXPANSION = 4;

  private final int inPlanes;
  private final int planes;
  private final int stride;
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;
  private final Conv2d conv3;
  private final BatchNorm2d bn3;
  private final @Nullable Module downsample;

  public Bottleneck(int inPlanes, int planes, int stride) {
    this.inPlanes = inPlanes;
    this.planes = planes;
    this.stride = stride;
    int out = planes * EXPANSION;
    conv1 = registerModule("conv1", ResNet.conv(inPlanes, planes, 1, 1));
    bn1 = registerModule("bn1", new BatchNorm2d(planes));
    conv2 = registerModule("conv2", ResNet.conv(planes, planes, 3, stride));
    bn2 = registerModule("bn2", new BatchNorm2d(planes));
    conv3 = registerModule("conv3", ResNet.conv(planes, out, 1, 1));
    bn3 = registerModule("bn3", new BatchNorm2d(out));
    downsample =
        stride == 1 && inPlanes == out
            ? null
            : registerModule("downsample", ResNet.projection(inPlanes, out, stride));
  }

  public static Bottleneck fromJson(LayerArguments a) {
    return new Bottleneck(
        a.integer("in_planes", 1), a.integer("planes", 1), a.integer("stride", 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor y = Fusion.relu(Fusion.relu(x, conv1, bn1), conv2, bn2);
    return Fusion.relu(y, conv3, bn3, downsample == null ? x : downsample.call(x));
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("in_planes", inPlanes).put("planes", planes).put("stride", stride);
  }
}
