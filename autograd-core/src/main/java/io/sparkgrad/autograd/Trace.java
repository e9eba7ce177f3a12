// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a tensor was computed, whether or not a graph was recorded: what the graph alone cannot tell
 * is where a gradient was lost. Written only while {@link #watch} is open on the thread; otherwise
 * an operation pays one read of a flag. Immutable; it keeps the leaves and the graph alive, not the
 * results between.
 */
public final class Trace {
  /** Why the tensor has a history or none. */
  public enum Kind {
    /** Recorded in the graph. */
    RECORDED,
    /** Not recorded, because no input required a gradient. */
    NOT_NEEDED,
    /** Not recorded, because recording was off, though an input required a gradient. */
    NO_GRAD,
    /** Cut off by {@code detach()}. */
    DETACH,
    /** Not recorded, because the result has no derivative. */
    NOT_DIFFERENTIABLE,
    /** Made by no operation that was watched. */
    LEAF
  }

  private final String op;
  private final Shape shape;
  private final Kind kind;
  private final List<Trace> inputs;
  private final @Nullable Tensor leaf;
  private final @Nullable Node node;

  private Trace(
      String op,
      Kind kind,
      List<Trace> inputs,
      Tensor result,
      @Nullable Tensor leaf,
      @Nullable Node node) {
    this.op = op;
    this.shape = result.shape();
    this.kind = kind;
    this.inputs = inputs;
    this.leaf = leaf;
    this.node = node;
  }

  /** Stops watching; closing twice does nothing more. */
  public static final class Scope implements AutoCloseable {
    private final boolean previous = Modes.current().watched;
    private boolean open = true;

    private Scope() {
      Modes.current().watched = true;
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        Modes.current().watched = previous;
      }
    }
  }

  /** Notes on this thread how tensors are computed, until the scope is closed. */
  public static Scope watch() {
    return new Scope();
  }

  /** Whether somebody on this thread wants to know of every operation. */
  public static boolean isWatching() {
    return Modes.current().watched;
  }

  /** How {@code t} was computed; null if that was not watched. */
  public static @Nullable Trace of(Tensor t) {
    return t.trace();
  }

  /** The operation, for example {@code Mul}, or {@code detach}; empty for a leaf. */
  public String op() {
    return op;
  }

  public Shape shape() {
    return shape;
  }

  public Kind kind() {
    return kind;
  }

  /** What it was computed from, in argument order. */
  public List<Trace> inputs() {
    return inputs;
  }

  /** The tensor, if no watched operation made it. */
  public @Nullable Tensor leaf() {
    return leaf;
  }

  /** The vertex of the graph, if it was recorded. */
  public @Nullable Node node() {
    return node;
  }

  static void note(
      String op, Tensor result, Tensor[] inputs, @Nullable Node node, boolean recording) {
    Kind kind = node != null ? Kind.RECORDED : lost(inputs, recording);
    List<Trace> from = Arrays.stream(inputs).map(Trace::start).toList();
    result.setTrace(new Trace(op, kind, from, result, null, node));
  }

  private static Kind lost(Tensor[] inputs, boolean recording) {
    if (Arrays.stream(inputs).noneMatch(Tensor::requiresGrad)) {
      return Kind.NOT_NEEDED;
    }
    return recording ? Kind.NOT_DIFFERENTIABLE : Kind.NO_GRAD;
  }

  static void noteDetach(Tensor alias, Tensor source) {
    Kind kind = source.requiresGrad() ? Kind.DETACH : Kind.NOT_NEEDED;
    alias.setTrace(new Trace("detach", kind, List.of(start(source)), alias, null, null));
  }

  /** The trace of an input; a tensor without one is where watching began. */
  private static Trace start(Tensor t) {
    Trace known = t.trace();
    if (known == null) {
      known = new Trace("", Kind.LEAF, List.of(), t, t, null);
      t.setTrace(known);
    }
    return known;
  }
}
