// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/**
 * What is switched on for the current thread; each part is written by the scope that owns it
 * ({@link GradMode}, {@link Trace}). One object per thread, so that an operation looks it up once.
 */
final class Modes {
  private static final ThreadLocal<Modes> CURRENT = ThreadLocal.withInitial(Modes::new);

  /** Whether operations record a graph. */
  boolean grad = true;

  /** Whether operations note what they were computed from. */
  boolean watched;

  private Modes() {}

  /** Whether an operation is recorded, given that an input requires a gradient. */
  boolean records() {
    return grad;
  }

  static Modes current() {
    return CURRENT.get();
  }
}
