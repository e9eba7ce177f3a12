// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

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
  private final Shape shape;
  private final DType dtype;
  private @Nullable TensorHooks hooks;

  /**
   * A vertex whose forward operation gave a result of this shape and type.
   *
   * @param next one edge per input, null where no gradient is wanted
   */
  Node(String name, Shape shape, DType dtype, boolean leaf, @Nullable Edge... next) {
    this.name = name;
    this.shape = shape;
    this.dtype = dtype;
    this.next = next;
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

  /** The shape of the forward result, and of the gradient that comes in. */
  public final Shape shape() {
    return shape;
  }

  final DType dtype() {
    return dtype;
  }

  final synchronized TensorHooks hooks() {
    if (hooks == null) {
      hooks = new TensorHooks();
    }
    return hooks;
  }

  final synchronized Tensor runHooks(Tensor grad) {
    return hooks == null ? grad : hooks.run(grad);
  }

  /** Computes the gradients of the inputs; called by one thread at a time. */
  abstract @Nullable Tensor[] apply(Tensor gradOutput, Backward.Needs needs);

  /** Drops what the formula saved. */
  void release() {}

  @Override
  public final String toString() {
    return name;
  }
}
