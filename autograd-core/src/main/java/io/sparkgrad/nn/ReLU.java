// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** {@code max(x, 0)}, any shape. */
public final class ReLU extends Module {
  @Override
  public Tensor forward(Tensor x) {
    return x.relu();
  }

  @Override
  protected void describe(ObjectNode json) {}
}
