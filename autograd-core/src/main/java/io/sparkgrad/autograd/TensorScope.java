// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.BufferScope;

/**
 * Gives the memory of every tensor that this thread makes back when it closes, graphs included,
 * without waiting for the garbage collector. What has to live on lives on by itself: gradients as
 * long as the tensor they belong to, the state of an optimiser as long as its parameter. Anything
 * else says so with {@link #keep}, a gradient that is to be read after {@code zeroGrad} too.
 *
 * <pre>{@code
 * for (Batch batch : batches) {
 *   try (var step = TensorScope.open()) {
 *     Tensor loss = criterion.forward(net.call(batch.x()), batch.y());
 *     optimizer.zeroGrad();
 *     loss.backward();
 *     optimizer.step();
 *     last = step.keep(loss.detach());
 *   }
 * }
 * }</pre>
 *
 * <p>Using a tensor whose scope has closed throws a {@link io.sparkgrad.backend.BackendException}.
 * Scopes nest; each belongs to the thread that opened it.
 */
public final class TensorScope implements AutoCloseable {
  private final BufferScope buffers;

  private TensorScope(BufferScope buffers) {
    this.buffers = buffers;
  }

  public static TensorScope open() {
    return new TensorScope(BufferScope.open());
  }

  /**
   * Steps out of the scopes that are open on this thread until it closes. What is made meanwhile
   * belongs to none of them; for what is made on first use, wherever that is, and kept for others.
   */
  public static TensorScope suspend() {
    return new TensorScope(BufferScope.suspend());
  }

  /** Hands a tensor, and all that shares its storage, to the scope around this one, or to none. */
  public <T extends Tensor> T keep(T tensor) {
    buffers.keep(tensor.buffer());
    return tensor;
  }

  /** Lets {@code tensor} live as long as {@code companion}; for what is attached to a tensor. */
  public static <T extends Tensor> T living(T tensor, Tensor companion) {
    BufferScope.share(tensor.buffer(), companion.buffer());
    return tensor;
  }

  /** Closing twice does nothing more. */
  @Override
  public void close() {
    buffers.close();
  }
}
