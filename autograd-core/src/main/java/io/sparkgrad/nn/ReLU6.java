// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** x cut to {@code [0, 6]}, any shape. */
public final class ReLU6 extends Module {

  @Override
  public Tensor forward(Tensor x) {
    return x.relu6();
  }

  @Override
  protected void describe(ObjectNode json) {}
}
