// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A vertex of the graph that a forward pass recorded: one operation, or the end of the graph at a
 * leaf. Edges point from results to what they were made of.
 */
public abstract class Node {
  private static final AtomicLong SEQUENCE = new AtomicLong();

  private final String name;
  private final @Nullable Edge[] next;
  private final long sequenceNr;
  private final Output[] outputs;
  private final @Nullable TensorHooks[] hooks;
  private @Nullable NodeHooks nodeHooks;
  private @Nullable Modes holder;
  private int holds;
  private final Anomaly.@Nullable Origin madeAt;

  /** What the gradient that comes in for a result has to look like. */
  record Output(Shape shape, DType dtype, Backend backend) {
    static Output of(Tensor result) {
      return new Output(result.shape(), result.dtype(), result.backend());
    }

    Tensor zeros() {
      return Tensor.zeros(shape, dtype, backend);
    }
  }

  /**
   * A vertex whose forward operation gave results of these shapes and types.
   *
   * @param next one edge per input, null where no gradient is wanted
   */
  Node(String name, Output[] outputs, boolean leaf, @Nullable Edge... next) {
    this.name = name;
    this.outputs = outputs;
    this.hooks = new TensorHooks[outputs.length];
    this.next = next;
    this.madeAt = Modes.current().anomaly ? new Anomaly.Origin(Modes.current().running) : null;
    // Leaves run as soon as their gradient is complete: their number is above all others.
    this.sequenceNr = leaf ? Long.MAX_VALUE : SEQUENCE.getAndIncrement();
  }

  /** The operation, for example {@code MulBackward}. */
  public final String name() {
    return name;
  }

  /** One edge per tensor input in argument order; null for an input that wants no gradient. */
  public final List<@Nullable Edge> nextFunctions() {
    return Collections.unmodifiableList(Arrays.asList(next));
  }

  final @Nullable Edge[] edges() {
    return next;
  }

  /** Grows with every recorded operation: the engine runs the youngest ready node first. */
  final long sequenceNr() {
    return sequenceNr;
  }

  /** The leaf whose gradient this node accumulates; null for an operation. */
  public @Nullable Tensor variable() {
    return null;
  }

  /** The shape of the (first) forward result, and of the gradient that comes in for it. */
  public final Shape shape() {
    return outputs[0].shape;
  }

  final Output output(int outputNr) {
    return outputs[outputNr];
  }

  final int outputs() {
    return outputs.length;
  }

  /** Where it was recorded, if that was in anomaly mode. */
  final Anomaly.@Nullable Origin madeAt() {
    return madeAt;
  }

  /** The hooks of the tensor that is this result. */
  final synchronized TensorHooks hooks(int outputNr) {
    TensorHooks known = hooks[outputNr];
    if (known == null) {
      known = new TensorHooks();
      hooks[outputNr] = known;
    }
    return known;
  }

  final Tensor runHooks(int outputNr, Tensor grad) {
    TensorHooks known;
    synchronized (this) {
      known = hooks[outputNr];
    }
    return known == null ? grad : known.run(grad);
  }

  /**
   * Calls {@code hook} with the incoming gradients, one per result and null where none arrived,
   * after the hooks of the tensors and before the node runs; what it returns, if not null, takes
   * their place.
   */
  public final Handle registerPrehook(NodeHooks.Pre hook) {
    return nodeHooks().addPre(hook);
  }

  /**
   * Calls {@code hook} with the gradients for the inputs and those that came in, after the node
   * ran; what it returns, if not null, takes the place of the former.
   */
  public final Handle registerHook(NodeHooks.Post hook) {
    return nodeHooks().addPost(hook);
  }

  private synchronized NodeHooks nodeHooks() {
    if (nodeHooks == null) {
      nodeHooks = new NodeHooks(name);
    }
    return nodeHooks;
  }

  /** Runs node and node hooks. The caller holds the node; see {@link #acquire}. */
  final @Nullable Tensor[] run(@Nullable Tensor[] gradOutputs, Backward.Needs needs) {
    NodeHooks around;
    synchronized (this) {
      around = nodeHooks;
    }
    if (around == null) {
      return apply(gradOutputs, needs);
    }
    @Nullable Tensor[] incoming = around.before(gradOutputs);
    return around.after(apply(incoming, needs), incoming);
  }

  /** Whether hooks may see, and keep, the gradients that come in or go out. */
  final synchronized boolean isObserved() {
    if (nodeHooks != null) {
      return true;
    }
    for (TensorHooks h : hooks) {
      if (h != null) {
        return true;
      }
    }
    return false;
  }

  /** Computes the gradients of the inputs; called for one pass at a time. */
  abstract @Nullable Tensor[] apply(@Nullable Tensor[] gradOutputs, Backward.Needs needs);

  /**
   * Waits until no other pass runs this node. The holder is the chain of nested passes, not the
   * thread: a nested pass may go on in another thread and come to the same node again.
   */
  final synchronized void acquire(Modes chain) {
    boolean interrupted = false;
    while (holder != null && holder != chain) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // a pass is not left half done
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    holder = chain;
    holds++;
  }

  final synchronized void unlock() {
    if (--holds == 0) {
      holder = null;
      notifyAll();
    }
  }

  /** One entry per input; trailing nulls beyond them are dropped. */
  final @Nullable Tensor[] checked(@Nullable Tensor[] grads) {
    int given = grads.length;
    while (given > next.length && grads[given - 1] == null) {
      given--;
    }
    if (given != next.length) {
      throw new AutogradException(
          "%s returned an incorrect number of gradients: expected %d, got %d"
              .formatted(name, next.length, grads.length));
    }
    return given == grads.length ? grads : Arrays.copyOf(grads, given);
  }

  /** Drops what the formula saved. */
  void release() {}

  @Override
  public final String toString() {
    return name;
  }
}
