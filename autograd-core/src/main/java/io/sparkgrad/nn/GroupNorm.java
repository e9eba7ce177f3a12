// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Normalises groups of channels of each sample: input {@code [n, num_channels, ...]}. Parameters
 * {@code weight} (ones) and {@code bias} (zeros) of shape [num_channels].
 */
public final class GroupNorm extends Module {
  private final int numGroups;
  private final int numChannels;
  private final double eps;
  private final @Nullable Parameter weight;
  private final @Nullable Parameter bias;

  public GroupNorm(int numGroups, int numChannels) {
    this(numGroups, numChannels, 1e-5, true);
  }

  public GroupNorm(int numGroups, int numChannels, double eps, boolean affine) {
    if (numGroups < 1 || numChannels % numGroups != 0) {
      throw new IllegalArgumentException(
          "GroupNorm: expected num_channels divisible by num_groups, got %d and %d"
              .formatted(numChannels, numGroups));
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    weight = affine ? registerParameter("weight", new Parameter(Tensor.ones(numChannels))) : null;
    bias = affine ? registerParameter("bias", new Parameter(Tensor.zeros(numChannels))) : null;
  }

  static GroupNorm fromJson(LayerArguments a) {
    return new GroupNorm(
        a.integer("num_groups", 1),
        a.integer("num_channels", 1),
        a.number("eps", 1e-5),
        a.flag("affine", true));
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.GroupNorm.of(x, numGroups, weight, bias, eps);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("num_groups", numGroups)
        .put("num_channels", numChannels)
        .put("eps", eps)
        .put("affine", weight != null);
  }

  @Override
  protected String arguments() {
    return "%d, %d, eps=%s, affine=%s"
        .formatted(
            numGroups, numChannels, LayerArguments.text(eps), weight != null ? "True" : "False");
  }
}
