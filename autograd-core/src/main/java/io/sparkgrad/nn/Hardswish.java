// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** {@code x·relu6(x + 3)/6}, the {@link SiLU} in three pieces, any shape. */
public final class Hardswish extends Module {

  @Override
  public Tensor forward(Tensor x) {
    return x.hardswish();
  }

  @Override
  protected void describe(ObjectNode json) {}
}
