// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.LayerArguments;
import io.sparkgrad.nn.Module;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes its input on, and counts how often an architecture with it was built. */
public final class CountedLayer extends Module {
  static final AtomicInteger BUILT = new AtomicInteger();

  /** Found by name. */
  public static Module fromJson(LayerArguments arguments) {
    BUILT.incrementAndGet();
    return new CountedLayer();
  }

  @Override
  public Tensor forward(Tensor x) {
    return x;
  }

  @Override
  protected void describe(ObjectNode json) {}
}
