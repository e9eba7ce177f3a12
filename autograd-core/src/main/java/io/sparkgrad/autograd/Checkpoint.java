// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.function.UnaryOperator;

/**
 * Trades time for memory: what a part of the network would save for backward is not kept, but
 * computed again when backward asks for it. The gradients are the same to the bit, provided that
 * the part computes the same thing again; random numbers are drawn again from the same state of the
 * thread's {@link Generator}. Works with every way of differentiating, and inside itself.
 *
 * <pre>{@code
 * Tensor y = Checkpoint.run(block::forward, x);
 * }</pre>
 */
public final class Checkpoint {
  private Checkpoint() {}

  /** A part of the network, of several inputs. */
  @FunctionalInterface
  public interface Segment {
    Tensor apply(Tensor[] inputs);
  }

  /** Runs the part now, and once more in each backward pass that needs what it would have saved. */
  public static Tensor run(UnaryOperator<Tensor> segment, Tensor input) {
    return runAll(inputs -> segment.apply(inputs[0]), input);
  }

  /** As {@link #run} for a part of several inputs. */
  public static Tensor runAll(Segment segment, Tensor... inputs) {
    Modes modes = Modes.current();
    if (!modes.records()) {
      return segment.apply(inputs);
    }
    Recomputation recomputation = new Recomputation(segment, inputs, !modes.noEarlyStop);
    SavedTensorSink outer = modes.sink;
    modes.sink = recomputation;
    try {
      return segment.apply(inputs);
    } finally {
      modes.sink = outer;
      recomputation.releaseIfUnused();
    }
  }

  /** Restores what was before; closing twice does nothing more. */
  public static final class Scope implements AutoCloseable {
    private final boolean previous = Modes.current().noEarlyStop;
    private boolean open = true;

    private Scope(boolean enabled) {
      Modes.current().noEarlyStop = !enabled;
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        Modes.current().noEarlyStop = previous;
      }
    }
  }

  /**
   * Whether computing again stops at the last tensor that is needed, as it does unless told
   * otherwise. For the parts that are run while the scope is open.
   */
  public static Scope earlyStop(boolean enabled) {
    return new Scope(enabled);
  }
}
