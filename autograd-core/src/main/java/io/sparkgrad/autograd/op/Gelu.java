// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.GeluKernel;
import org.jspecify.annotations.Nullable;

/**
 * Elementwise {@code x·Φ(x)} with the normal distribution Φ, exactly or through tanh; saves its
 * input.
 */
public final class Gelu {
  private Gelu() {}

  private static final double ROOT_2_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  public static Tensor of(Tensor x) {
    Tensor y = value(GeluKernel.ERF, x);
    return Tape.record("Gelu", y, new Tensor[] {x}, saver -> new Gradient(saver.save(x)));
  }

  private static Tensor value(GeluKernel kernel, Tensor x) {
    Kernels.floating("gelu", x);
    Tensor y = Tensor.zerosLike(x);
    x.backend().gelu(kernel, x.buffer(), y.buffer());
    return y;
  }

  private static Tensor gradient(GeluKernel kernel, Tensor x, Tensor g) {
    Tensor gx = Tensor.zerosLike(g);
    g.backend().geluGradient(kernel, x.buffer(), g.buffer(), gx.buffer());
    return gx;
  }

  private static Tensor cdf(Tensor x) {
    return x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
  }

  /** {@code ∂ = g·(Φ(x) + x·φ(x))}. */
  private record Gradient(SavedTensor x) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      if (!GradMode.isEnabled()) {
        return grads(gradient(GeluKernel.ERF, x.get(), g));
      }
      Tensor density = x.get().square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
      return grads(g.mul(cdf(x.get()).add(x.get().mul(density))));
    }
  }

  /** {@code ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}. */
  public static Tensor tanh(Tensor x) {
    Tensor y = value(GeluKernel.TANH, x);
    return Tape.record("Gelu", y, new Tensor[] {x}, saver -> new TanhGradient(saver.save(x)));
  }

  private static Tensor tanhOfCubic(Tensor x) {
    return x.square().mul(CUBIC).add(1).mul(x).mul(ROOT_2_PI).tanh();
  }

  /** {@code ∂ = g·½·(1 + t + x·(1 − t²)·u')} for {@code t = tanh u}. */
  private record TanhGradient(SavedTensor x) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      if (!GradMode.isEnabled()) {
        return grads(gradient(GeluKernel.TANH, x.get(), g));
      }
      Tensor t = tanhOfCubic(x.get());
      Tensor inner = x.get().square().mul(3 * CUBIC).add(1).mul(ROOT_2_PI);
      Tensor slope = t.square().neg().add(1).mul(inner);
      return grads(g.mul(x.get().mul(slope).add(t).add(1)).mul(0.5));
    }
  }
}
