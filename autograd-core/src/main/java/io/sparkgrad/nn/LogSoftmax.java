// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** {@code x − ln Σ eˣ} along axis {@code dim}. */
public final class LogSoftmax extends Module {
  private final int dim;

  public LogSoftmax(int dim) {
    this.dim = dim;
  }

  static LogSoftmax fromJson(LayerArguments a) {
    return new LogSoftmax(a.axis("dim"));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.logSoftmax(dim);
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
