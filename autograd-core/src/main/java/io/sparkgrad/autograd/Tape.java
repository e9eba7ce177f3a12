// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import org.jspecify.annotations.Nullable;

/** Records operations: what stands between a kernel's result and the graph. */
public final class Tape {
  private Tape() {}

  /** Makes the backward formula of an operation that is being recorded. */
  @FunctionalInterface
  public interface Formula {
    Backward create(Saver saver);
  }

  /** Lets a formula save what it needs, and only that. */
  public interface Saver {
    /** Whether this input wants a gradient: what only others need is not to be saved. */
    boolean needs(int input);

    SavedTensor save(Tensor input);

    /** {@link #save} if this input wants a gradient, else null. */
    default @Nullable SavedTensor saveIf(boolean wanted, Tensor input) {
      return wanted ? save(input) : null;
    }

    /** Saves the operation's own result. */
    SavedTensor saveResult();
  }

  /**
   * Gives {@code result}, freshly computed from {@code inputs}, its place in the graph. Nothing is
   * recorded, and the formula is not even made, if recording is off or no input requires a
   * gradient.
   *
   * @return {@code result}
   */
  public static Tensor record(String name, Tensor result, Tensor[] inputs, Formula formula) {
    Modes modes = Modes.current();
    Node node = modes.records() ? node(name, result, inputs, formula) : null;
    if (modes.watched) {
      Trace.note(name, result, inputs, node, modes.records());
    }
    if (modes.inference) {
      result.viewedInInference(inputs);
    }
    return node == null ? result : result.withHistory(node);
  }

  private static @Nullable Node node(String name, Tensor result, Tensor[] inputs, Formula formula) {
    if (!result.dtype().isFloatingPoint()) {
      return null;
    }
    @Nullable Edge[] next = new Edge[inputs.length];
    boolean any = false;
    for (int i = 0; i < inputs.length; i++) {
      next[i] = inputs[i].gradEdge();
      any |= next[i] != null;
    }
    return any ? new OpNode(name, result, next, formula) : null;
  }
}
