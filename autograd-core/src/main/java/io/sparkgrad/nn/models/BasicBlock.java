// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Pad;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Fusion;
import io.sparkgrad.nn.LayerArguments;
import io.sparkgrad.nn.Module;
import org.jspecify.annotations.Nullable;

/**
 * Two 3×3 convolutions beside a shortcut: {@code relu(bn2(conv2(relu(bn1(conv1(x))))) +
 * shortcut(x))}, {@code [n, in_planes, h, w]} to {@code [n, planes, h/stride, w/stride]}. Where the
 * shape changes the shortcut is either a projection {@code downsample} or, without parameters, each
 * stride-th pixel with zeros for the new channels, half of them on either side (options B and A of
 * He et al., 2015).
 */
public final class BasicBlock extends Module {
  private final int inPlanes;
  private final int planes;
  private final int stride;
  private final boolean paddedShortcut;
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;
  private final @Nullable Module downsample;

  public BasicBlock(int inPlanes, int planes, int stride, boolean paddedShortcut) {
    this.inPlanes = inPlanes;
    this.planes = planes;
    this.stride = stride;
    this.paddedShortcut = paddedShortcut;
    conv1 = registerModule("conv1", ResNet.conv(inPlanes, planes, 3, stride));
    bn1 = registerModule("bn1", new BatchNorm2d(planes));
    conv2 = registerModule("conv2", ResNet.conv(planes, planes, 3, 1));
    bn2 = registerModule("bn2", new BatchNorm2d(planes));
    downsample =
        paddedShortcut || (stride == 1 && inPlanes == planes)
            ? null
            : registerModule("downsample", ResNet.projection(inPlanes, planes, stride));
  }

  public static BasicBlock fromJson(LayerArguments a) {
    return new BasicBlock(
        a.integer("in_planes", 1),
        a.integer("planes", 1),
        a.integer("stride", 1),
        a.flag("padded_shortcut", false));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Fusion.relu(Fusion.relu(x, conv1, bn1), conv2, bn2, shortcut(x));
  }

  private Tensor shortcut(Tensor x) {
    if (downsample != null) {
      return downsample.call(x);
    }
    if (stride == 1 && inPlanes == planes) {
      return x;
    }
    Tensor fewer = x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride);
    int before = (planes - inPlanes) / 2;
    return Pad.of(fewer, 0, 0, 0, 0, 0, before, planes - inPlanes - before);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("in_planes", inPlanes)
        .put("planes", planes)
        .put("stride", stride)
        .put("padded_shortcut", paddedShortcut);
  }
}
