// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/**
 * Folds all axes from {@code start_dim} on into one: {@code [n, c, h, w]} becomes {@code [n,
 * c·h·w]}.
 */
public final class Flatten extends Module {
  private final int startDim;

  public Flatten() {
    this(1);
  }

  public Flatten(int startDim) {
    this.startDim = startDim;
  }

  static Flatten fromJson(LayerArguments a) {
    return new Flatten(a.integer("start_dim", 0, 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.flatten(startDim);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("start_dim", startDim);
  }

  @Override
  protected String arguments() {
    return "start_dim=" + startDim;
  }
}
