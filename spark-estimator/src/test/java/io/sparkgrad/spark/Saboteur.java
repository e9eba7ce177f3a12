// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.LayerArguments;
import io.sparkgrad.nn.Module;
import org.apache.spark.TaskContext;

/**
 * Passes its input on; in one worker, in the first attempt, something happens when it sees its n-th
 * training batch.
 */
public final class Saboteur extends Module {
  /** What happens. */
  enum Fault {
    NOTHING,
    /** The process ends as by a crash, before the batch is computed. */
    HALT_IN_FORWARD,
    /** The same in the middle of backward, when some gradients are on their way. */
    HALT_IN_BACKWARD,
    /** An exception, in each attempt. */
    THROW
  }

  private final Fault fault;
  private final int batch;
  private final int worker;
  private int seen;

  Saboteur(Fault fault, int batch, int worker) {
    this.fault = fault;
    this.batch = batch;
    this.worker = worker;
  }

  /** Found by name. */
  public static Module fromJson(LayerArguments a) {
    return new Saboteur(
        Fault.valueOf(a.text("fault", Fault.NOTHING.name())),
        a.integer("batch", 1),
        a.integer("worker", 0));
  }

  @Override
  public Tensor forward(Tensor x) {
    TaskContext task = TaskContext.get();
    if (!isTraining() || task == null || task.partitionId() != worker || ++seen != batch) {
      return x;
    }
    if (fault == Fault.THROW) {
      throw new IllegalStateException("sabotage");
    }
    if (task.stageAttemptNumber() == 0 && fault != Fault.NOTHING) {
      if (fault == Fault.HALT_IN_FORWARD) {
        halt();
      }
      x.registerHook(
          gradient -> {
            halt();
            return gradient;
          });
    }
    return x;
  }

  private static void halt() {
    Runtime.getRuntime().halt(137);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("fault", fault.name()).put("batch", batch).put("worker", worker);
  }
}
