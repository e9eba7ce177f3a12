// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** {@code eˣ/Σ eˣ} along axis {@code dim}. */
public final class Softmax extends Module {
  private final int dim;

  public Softmax(int dim) {
    this.dim = dim;
  }

  static Softmax fromJson(LayerArguments a) {
    return new Softmax(a.axis("dim"));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.softmax(dim);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("dim", dim);
  }

  @Override
  protected String arguments() {
    return "dim=" + dim;
  }
}
