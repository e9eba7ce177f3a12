// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.LayerArguments;
import io.sparkgrad.nn.Module;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.TaskContext;

/** Passes its input on; in eval mode, in a task, it takes its time and counts the batches. */
public final class SlowEvaluation extends Module {
  static final AtomicInteger BATCHES = new AtomicInteger();
  static final int MILLIS = 50;

  /** Found by name. */
  public static Module fromJson(LayerArguments arguments) {
    return new SlowEvaluation();
  }

  @Override
  public Tensor forward(Tensor x) {
    if (!isTraining() && TaskContext.get() != null) {
      BATCHES.incrementAndGet();
      try {
        Thread.sleep(MILLIS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return x;
  }

  @Override
  protected void describe(ObjectNode json) {}
}
