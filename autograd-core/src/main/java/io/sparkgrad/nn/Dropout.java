// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;

/**
 * In training sets each element to 0 with probability p and scales the others by {@code 1/(1 − p)};
 * in eval mode the identity. Draws from this thread's generator.
 */
public final class Dropout extends Module {
  private final double p;

  public Dropout(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("Dropout: p has to be between 0 and 1, got " + p);
    }
    this.p = p;
  }

  static Dropout fromJson(LayerArguments a) {
    return new Dropout(a.number("p", 0.5));
  }

  @Override
  public Tensor forward(Tensor x) {
    if (!isTraining() || p == 0) {
      return x;
    }
    double scale = p == 1 ? 0 : 1 / (1 - p);
    double[] mask = new double[Math.toIntExact(x.numel())];
    Generator generator = Generator.current();
    for (int i = 0; i < mask.length; i++) {
      mask[i] = generator.nextDouble() < p ? 0 : scale;
    }
    Tensor factors = Tensor.zerosLike(x); // on the input's device, of its type
    factors.backend().upload(mask, factors.buffer());
    return x.mul(factors);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("p", p);
  }

  @Override
  protected String arguments() {
    return "p=" + p;
  }
}
