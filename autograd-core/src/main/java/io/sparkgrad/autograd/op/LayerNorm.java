// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Normalises the last axes of each sample; weight and bias have the shape of these axes. */
public final class LayerNorm {
  private LayerNorm() {}

  /** {@code normalized} is the shape of the last axes of x, over which means are taken. */
  public static Tensor of(
      Tensor x, Shape normalized, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    Kernels.floating("layer_norm", x);
    int lead = x.rank() - normalized.rank();
    if (normalized.rank() == 0
        || lead < 0
        || !Arrays.equals(
            normalized.dims(), Arrays.copyOfRange(x.shape().dims(), lead, x.rank()))) {
      throw new ShapeMismatchException(
          "layer_norm: expected an input whose last axes are %s, got %s"
              .formatted(normalized, x.shape()));
    }
    for (Tensor t : Arrays.asList(weight, bias)) {
      if (t != null) {
        Kernels.together("layer_norm", x, t);
        if (!t.shape().equals(normalized)) {
          throw new ShapeMismatchException(
              "layer_norm: expected weight and bias of shape %s, got %s"
                  .formatted(normalized, t.shape()));
        }
      }
    }
    int[] axes = IntStream.range(lead, x.rank()).toArray();
    return Normalization.of(
        "LayerNorm",
        x,
        Normalization.Statistics.of(x, axes),
        new Normalization.Affine(weight, bias),
        eps,
        axes);
  }
}
