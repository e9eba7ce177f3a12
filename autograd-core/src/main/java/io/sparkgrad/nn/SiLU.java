// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** {@code x·σ(x)}, any shape. */
public final class SiLU extends Module {

  @Override
  public Tensor forward(Tensor x) {
    return x.silu();
  }

  @Override
  protected void describe(ObjectNode json) {}
}
