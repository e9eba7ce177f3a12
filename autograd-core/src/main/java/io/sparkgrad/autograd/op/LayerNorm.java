// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.LayerNormGeometry;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Normalises the last axes of each sample; weight and bias have the shape of these axes. Saves x
 * (for its own gradient and the weight's), the weight (only if x wants a gradient) and each
 * sample's mean and variance.
 */
public final class LayerNorm {
  private LayerNorm() {}

  /** {@code normalized} is the shape of the last axes of x, over which means are taken. */
  public static Tensor of(
      Tensor x, Shape normalized, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    check(x, normalized, weight, bias);
    LayerNormGeometry geometry = geometry(x.shape(), normalized, eps);
    Tensor y = Tensor.zerosLike(x);
    Tensor mean = Tensor.zeros(Shape.of(geometry.rows()), x.dtype(), x.backend());
    Tensor variance = Tensor.zerosLike(mean);
    x.backend()
        .layerNorm(
            geometry,
            x.buffer(),
            buffer(weight),
            buffer(bias),
            mean.buffer(),
            variance.buffer(),
            y.buffer());
    List<Tensor> inputs = new ArrayList<>(List.of(x));
    if (weight != null) {
      inputs.add(weight);
    }
    if (bias != null) {
      inputs.add(bias);
    }
    return Tape.record(
        "LayerNorm",
        y,
        inputs.toArray(Tensor[]::new),
        saver ->
            new Gradient(
                geometry,
                normalized,
                saver.saveIf(saver.needs(0) || (weight != null && saver.needs(1)), x),
                weight == null ? null : saver.saveIf(saver.needs(0), weight),
                saver.save(mean),
                saver.save(variance),
                weight != null,
                bias != null));
  }

  private static LayerNormGeometry geometry(Shape x, Shape normalized, double eps) {
    Shape samples = Shape.of(Arrays.copyOf(x.dims(), x.rank() - normalized.rank()));
    return new LayerNormGeometry(
        Math.toIntExact(samples.numel()), Math.toIntExact(normalized.numel()), eps);
  }

  private static @Nullable Buffer buffer(@Nullable Tensor t) {
    return t == null ? null : t.buffer();
  }

  private record Gradient(
      LayerNormGeometry geometry,
      Shape normalized,
      @Nullable SavedTensor x,
      @Nullable SavedTensor weight,
      SavedTensor mean,
      SavedTensor variance,
      boolean hasWeight,
      boolean hasBias)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      @Nullable Tensor[] grads = new Tensor[1 + (hasWeight ? 1 : 0) + (hasBias ? 1 : 0)];
      boolean wantsWeight = hasWeight && needs.input(1);
      boolean wantsBias = hasBias && needs.input(grads.length - 1);
      if (x == null || GradMode.isEnabled()) {
        if (wantsBias) {
          grads[grads.length - 1] = g; // the engine sums
        }
        if (x != null) {
          formula(g, x.get(), grads, needs.input(0), wantsWeight);
        }
        return grads;
      }
      Tensor gx = needs.input(0) ? Tensor.zerosLike(g) : null;
      Tensor gw = wantsWeight ? Tensor.zeros(normalized, g.dtype(), g.backend()) : null;
      Tensor gb = wantsBias ? Tensor.zeros(normalized, g.dtype(), g.backend()) : null;
      g.backend()
          .layerNormGradient(
              geometry,
              x.get().buffer(),
              weight == null ? null : weight.get().buffer(),
              mean.get().buffer(),
              variance.get().buffer(),
              g.buffer(),
              buffer(gx),
              buffer(gw),
              buffer(gb));
      grads[0] = gx;
      if (hasWeight) {
        grads[1] = gw;
      }
      if (hasBias) {
        grads[grads.length - 1] = gb;
      }
      return grads;
    }

    /**
     * In operations that have derivatives: {@code ∂weight = Σ g·x̂} (the engine sums) and, with
     * {@code ĝ = g·weight} and means over a sample, {@code ∂x = (ĝ − mean(ĝ) − x̂·mean(ĝ·x̂))/√(σ²
     * + ε)}. The statistics are computed again: they depend on x.
     */
    private void formula(
        Tensor g, Tensor x, @Nullable Tensor[] grads, boolean wantsX, boolean wantsWeight) {
      int[] axes = IntStream.range(x.rank() - normalized.rank(), x.rank()).toArray();
      Tensor centered = x.sub(x.mean(true, axes));
      Tensor inverse = centered.square().mean(true, axes).add(geometry.eps()).pow(-0.5);
      Tensor normal = centered.mul(inverse);
      if (wantsWeight) {
        grads[1] = g.mul(normal);
      }
      if (wantsX) {
        Tensor scaled = weight == null ? g : g.mul(weight.get());
        Tensor along = normal.mul(scaled.mul(normal).mean(true, axes));
        grads[0] = scaled.sub(scaled.mean(true, axes)).sub(along).mul(inverse);
      }
    }
  }

  private static void check(
      Tensor x, Shape normalized, @Nullable Tensor weight, @Nullable Tensor bias) {
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
  }
}
