// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is switched on for the current thread; each part is written by the scope that owns it
 * ({@link GradMode}, {@link Trace}, {@link Anomaly}). One object per thread, so that an operation
 * looks it up once. A nested backward pass that goes on in another thread takes the object along,
 * while the thread it comes from waits: it stands for the chain of passes, and one thread uses it
 * at a time.
 */
final class Modes {
  private static final ThreadLocal<Modes> CURRENT = ThreadLocal.withInitial(Modes::new);

  /** Whether operations record a graph. */
  boolean grad = true;

  /** Whether operations note what they were computed from. */
  boolean watched;

  /** Whether tensors that are made now are inference tensors, and nothing is recorded. */
  boolean inference;

  /** Whether nodes note where they were made, and failures of backward are explained. */
  boolean anomaly;

  /** Whether NaN in a gradient is an error; only with {@link #anomaly}. */
  boolean checkNan;

  /** The node that runs; whatever is recorded meanwhile is its second derivative. */
  @Nullable Node running;

  /**
   * Stands for the run of a formula whose results nobody but the engine sees; null in any other
   * code.
   */
  @Nullable Object formula;

  /** Takes the tensors that would be saved; null if they are kept. */
  @Nullable SavedTensorSink sink;

  /** Whether recomputations go on to the end. */
  boolean noEarlyStop;

  /** What was recomputed in the outermost pass that runs. */
  final List<Recomputation> recomputations = new ArrayList<>();

  /** How many backward passes run inside each other. */
  int depth;

  private Modes() {}

  /** Makes the calling thread go on in the place of another, which waits. */
  static void adopt(Modes modes) {
    CURRENT.set(modes);
  }

  static Modes current() {
    return CURRENT.get();
  }

  /** Whether an operation is recorded, given that an input requires a gradient. */
  boolean records() {
    return grad && !inference;
  }
}
