// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Normalises groups of channels of each sample of {@code [n, channels, ...]}; weight and bias are
 * {@code [channels]} or null. A {@link LayerNorm} of the groups, then a product and a sum.
 */
public final class GroupNorm {
  private GroupNorm() {}

  public static Tensor of(
      Tensor x, int groups, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    Kernels.floating("group_norm", x);
    if (x.rank() < 2 || groups < 1 || x.size(1) % groups != 0) {
      throw new ShapeMismatchException(
          "group_norm: expected [n, channels, ...] with channels divisible by %d groups, got %s"
              .formatted(groups, x.shape()));
    }
    if (x.numel() == groups) { // of one sample; PyTorch, too, lets several pass
      throw new ShapeMismatchException(
          "group_norm: expected more than 1 value per group, got shape %s with %d groups"
              .formatted(x.shape(), groups));
    }
    for (Tensor t : Arrays.asList(weight, bias)) {
      if (t != null) {
        Kernels.together("group_norm", x, t);
        if (!t.shape().equals(Shape.of(x.size(1)))) {
          throw new ShapeMismatchException(
              "group_norm: expected weight and bias of shape [%d], got %s"
                  .formatted(x.size(1), t.shape()));
        }
      }
    }
    long[] dims = x.shape().dims();
    long[] split = new long[dims.length + 1]; // [n, groups, channels/groups, ...]
    System.arraycopy(dims, 2, split, 3, dims.length - 2);
    split[0] = dims[0];
    split[1] = groups;
    split[2] = dims[1] / groups;
    Shape group = Shape.of(Arrays.copyOfRange(split, 2, split.length));
    Tensor y = LayerNorm.of(x.reshape(split), group, null, null, eps);
    if (weight != null) {
      y = y.mul(perChannel(split, weight));
    }
    if (bias != null) {
      y = y.add(perChannel(split, bias));
    }
    return Reshape.fresh(y, dims);
  }

  /** Stretches to groups. */
  private static Tensor perChannel(long[] split, Tensor t) {
    long[] dims = new long[split.length - 1];
    Arrays.fill(dims, 1);
    dims[0] = split[1];
    dims[1] = split[2];
    return t.reshape(dims);
  }
}
