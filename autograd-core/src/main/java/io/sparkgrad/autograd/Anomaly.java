// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the operation whose gradient goes wrong: while it is on, recorded nodes note the stack of
 * the forward call, a node that computes NaN is an error, and whenever a node throws, the log says
 * where its forward operation was called. Slow; per thread.
 *
 * <pre>{@code
 * try (var scope = Anomaly.detect()) {
 *   net.forward(x).sum().backward();
 * }
 * }</pre>
 */
public final class Anomaly {
  private static final System.Logger LOG = System.getLogger(Anomaly.class.getName());

  private Anomaly() {}

  /** Restores what was before; closing twice does nothing more. */
  public static final class Scope implements AutoCloseable {
    private final boolean anomaly = Modes.current().anomaly;
    private final boolean checkNan = Modes.current().checkNan;
    private boolean open = true;

    private Scope(boolean check) {
      Modes.current().anomaly = true;
      Modes.current().checkNan = check;
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        Modes.current().anomaly = anomaly;
        Modes.current().checkNan = checkNan;
      }
    }
  }

  public static Scope detect() {
    return detect(true);
  }

  /**
   * @param checkNan whether NaN is an error; if not, only the stacks are noted
   */
  public static Scope detect(boolean checkNan) {
    return new Scope(checkNan);
  }

  /** The stack of the forward call; its cause is that of the node whose backward called it. */
  static final class Origin extends Exception {
    private static final long serialVersionUID = 1L;

    Origin(@Nullable Node running) {
      super("the forward operation was called here", parent(running));
    }

    private static @Nullable Origin parent(@Nullable Node running) {
      return running == null ? null : running.madeAt();
    }
  }

  /** Runs a node; in anomaly mode checks what it computes and explains a failure. */
  static @Nullable Tensor[] guarded(Node node, Supplier<@Nullable Tensor[]> call) {
    Modes modes = Modes.current();
    if (!modes.anomaly) {
      return call.get();
    }
    try {
      @Nullable Tensor[] grads = call.get();
      if (modes.checkNan) {
        check(node, grads);
      }
      return grads;
    } catch (RuntimeException e) {
      explain(node);
      throw e;
    }
  }

  private static void check(Node node, @Nullable Tensor[] grads) {
    for (int i = 0; i < grads.length; i++) {
      Tensor grad = grads[i];
      if (grad != null) {
        for (double value : grad.detach().toDoubleArray()) {
          if (Double.isNaN(value)) {
            throw new AnomalyException(node.name(), i);
          }
        }
      }
    }
  }

  private static void explain(Node node) {
    Origin origin = node.madeAt();
    if (origin == null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} failed in backward; no forward information exists, since it was recorded outside anomaly mode.",
          node.name());
    } else {
      LOG.log(System.Logger.Level.WARNING, "Error in the backward of " + node.name(), origin);
    }
  }
}
