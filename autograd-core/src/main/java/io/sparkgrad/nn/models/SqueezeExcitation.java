// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.LayerArguments;
import io.sparkgrad.nn.Module;

/**
 * Weighs the channels by what their means say: {@code x·hardsigmoid(fc2(relu(fc1(mean(x)))))},
 * {@code [n, channels, h, w]} to the same shape (Hu et al., Squeeze-and-Excitation Networks, 2018).
 */
public final class SqueezeExcitation extends Module {
  private final int channels;
  private final int squeezed;
  private final Conv2d fc1;
  private final Conv2d fc2;

  public SqueezeExcitation(int channels, int squeezed) {
    this.channels = channels;
    this.squeezed = squeezed;
    fc1 = registerModule("fc1", MobileNet.conv(channels, squeezed, 1, 1, 1, true));
    fc2 = registerModule("fc2", MobileNet.conv(squeezed, channels, 1, 1, 1, true));
  }

  public static SqueezeExcitation fromJson(LayerArguments a) {
    return new SqueezeExcitation(a.integer("channels", 1), a.integer("squeezed", 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor means = x.mean(true, 2, 3);
    return x.mul(fc2.call(fc1.call(means).relu()).hardsigmoid());
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("channels", channels).put("squeezed", squeezed);
  }
}
