// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.optim.Optimizer;
import java.util.Collections;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/** {@code base·f(epoch)}. The functions are not part of the state: they are given anew. */
public final class LambdaLR extends LRScheduler {
  private final List<LongToDoubleFunction> lambdas;

  /** One function for all groups. */
  public LambdaLR(Optimizer<?> optimizer, LongToDoubleFunction lambda) {
    this(optimizer, Collections.nCopies(optimizer.paramGroups().size(), lambda));
  }

  /** A function for each group; groups that are added later take the last. */
  public LambdaLR(Optimizer<?> optimizer, List<LongToDoubleFunction> lambdas) {
    super(optimizer);
    if (lambdas.size() != optimizer.paramGroups().size()) {
      throw new IllegalArgumentException(
          "LambdaLR: expected one function for each of %d parameter groups, got %d"
              .formatted(optimizer.paramGroups().size(), lambdas.size()));
    }
    this.lambdas = List.copyOf(lambdas);
    start();
  }

  @Override
  protected double lr(int group, double base, long epoch) {
    return base * lambdas.get(Math.min(group, lambdas.size() - 1)).applyAsDouble(epoch);
  }

  @Override
  protected void describe(ObjectNode json) {}
}
