// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code x̂ = (x − μ)/√(σ² + ε)} over some axes, with the biased variance, and {@code y = x̂·weight
 * + bias}: what batch, layer and group norm share. Saves x (for its own gradient and the weight's),
 * the weight (only if x wants a gradient) and two small tensors of statistics.
 */
final class Normalization {
  private Normalization() {}

  /** Mean and biased variance of the axes, which keep a size of 1; without history. */
  record Statistics(Tensor mean, Tensor variance) {
    static Statistics of(Tensor x, int... axes) {
      try (var mode = GradMode.noGrad()) {
        Tensor mean = x.mean(true, axes);
        return new Statistics(mean, x.sub(mean).square().mean(true, axes));
      }
    }
  }

  /** Factor and summand, in shapes that stretch to the input's; either may be missing. */
  record Affine(@Nullable Tensor weight, @Nullable Tensor bias) {}

  static Tensor of(
      String name, Tensor x, Statistics statistics, Affine affine, double eps, int... axes) {
    Tensor weight = affine.weight;
    Tensor bias = affine.bias;
    List<Tensor> inputs = new ArrayList<>(List.of(x));
    Tensor inverse;
    Tensor y;
    try (var mode = GradMode.noGrad()) {
      inverse = statistics.variance.add(eps).pow(-0.5);
      y = x.sub(statistics.mean).mul(inverse);
      if (weight != null) {
        inputs.add(weight);
        y = y.mul(weight);
      }
      if (bias != null) {
        inputs.add(bias);
        y = y.add(bias);
      }
    }
    return Tape.record(
        name,
        y,
        inputs.toArray(Tensor[]::new),
        saver ->
            new Gradient(
                new Saved(
                    saver.saveIf(saver.needs(0) || (weight != null && saver.needs(1)), x),
                    saver.save(statistics.mean),
                    saver.save(inverse)),
                weight == null ? null : saver.saveIf(saver.needs(0), weight),
                new Layout(weight != null, bias != null, eps, axes)));
  }

  private record Layout(boolean hasWeight, boolean hasBias, double eps, int[] axes) {}

  private record Saved(@Nullable SavedTensor x, SavedTensor mean, SavedTensor inverse) {}

  /**
   * BN-5: {@code ∂weight = Σ g·x̂}, {@code ∂bias = Σ g} (the engine sums) and, with {@code ĝ =
   * g·weight} and means over the axes, {@code ∂x = (ĝ − mean(ĝ) − x̂·mean(ĝ·x̂))/√(σ² + ε)}.
   */
  private record Gradient(Saved saved, @Nullable SavedTensor weight, Layout layout)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      @Nullable Tensor[] grads =
          new Tensor[1 + (layout.hasWeight ? 1 : 0) + (layout.hasBias ? 1 : 0)];
      if (layout.hasBias && needs.input(grads.length - 1)) {
        grads[grads.length - 1] = g;
      }
      if (saved.x == null) {
        return grads;
      }
      Tensor x = saved.x.get();
      // Statistics depend on x: a second derivative has to see that.
      boolean again = GradMode.isEnabled();
      Tensor centered = x.sub(again ? x.mean(true, layout.axes) : saved.mean.get());
      Tensor inverse =
          again
              ? centered.square().mean(true, layout.axes).add(layout.eps).pow(-0.5)
              : saved.inverse.get();
      Tensor normal = centered.mul(inverse);
      if (layout.hasWeight && needs.input(1)) {
        grads[1] = g.mul(normal);
      }
      if (needs.input(0)) {
        grads[0] = input(weight == null ? g : g.mul(weight.get()), normal, inverse);
      }
      return grads;
    }

    private Tensor input(Tensor g, Tensor normal, Tensor inverse) {
      Tensor along = g.mul(normal).mean(true, layout.axes);
      return g.sub(g.mean(true, layout.axes)).sub(normal.mul(along)).mul(inverse);
    }
  }
}
