// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * {@code x·Wᵀ + b} for x {@code [..., in]}, W {@code [out, in]}, b {@code [out]} or null. Saves x
 * only if W wants a gradient, and W only if x does.
 */
public final class Linear {
  private Linear() {}

  public static Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias) {
    return of(x, weight, bias, false);
  }

  /**
   * The relu of {@link #of}, computed with it and recorded as the two operations that it is. Nobody
   * has the tensor between them, which holds the relu's values.
   */
  public static Tensor relu(Tensor x, Tensor weight, @Nullable Tensor bias) {
    return Relu.record(of(x, weight, bias, true));
  }

  private static Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias, boolean relu) {
    if (weight.rank() != 2 || x.rank() == 0 || x.size(-1) != weight.size(1)) {
      throw new ShapeMismatchException(
          "linear: expected an input [..., in] for a weight [out, in], got %s and %s"
              .formatted(x.shape(), weight.shape()));
    }
    Kernels.together("linear", x, weight);
    long in = weight.size(1);
    long out = weight.size(0);
    long rows = in == 0 ? x.shape().reduced(x.shape().axisMask(-1), false).numel() : x.numel() / in;
    Tensor y = Tensor.zeros(x.shape().withSize(-1, out), x.dtype(), x.backend());
    if (bias != null) {
      if (!bias.shape().equals(Shape.of(out))) {
        throw new ShapeMismatchException(
            "linear: expected a bias of shape [%d], got %s".formatted(out, bias.shape()));
      }
      Kernels.together("linear", x, bias);
    }
    var geometry =
        new LinearGeometry(Math.toIntExact(rows), Math.toIntExact(in), Math.toIntExact(out));
    Buffer b = bias == null ? null : bias.buffer();
    y.backend().linear(geometry, x.buffer(), weight.buffer(), b, relu, y.buffer());
    return Tape.record(
        "Linear",
        y,
        bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias},
        saver -> Gradient.saving(saver, x, weight, bias != null));
  }

  /**
   * {@code ∂x = g·W}, {@code ∂W = gᵀ·x}, {@code ∂b = Σ g} over all axes but the last (left to the
   * engine).
   */
  private record Gradient(@Nullable SavedTensor x, @Nullable SavedTensor weight, boolean hasBias)
      implements Backward {
    static Gradient saving(Tape.Saver saver, Tensor x, Tensor weight, boolean hasBias) {
      return new Gradient(
          saver.saveIf(saver.needs(1), x), saver.saveIf(saver.needs(0), weight), hasBias);
    }

    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor gx = needs.input(0) && weight != null ? g.matmul(weight.get()) : null;
      Tensor gw = null;
      if (needs.input(1) && x != null) {
        gw = MatMul.product(matrix(g), true, matrix(x.get()), false);
      }
      return hasBias ? grads(gx, gw, needs.input(2) ? g : null) : grads(gx, gw);
    }

    private static Tensor matrix(Tensor t) {
      long rows = t.shape().reduced(t.shape().axisMask(-1), false).numel();
      return t.rank() == 2 ? t : t.reshape(rows, t.size(-1));
    }
  }
}
