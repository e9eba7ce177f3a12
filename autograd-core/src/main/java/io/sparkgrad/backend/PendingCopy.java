// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/** A copy that may still be under way; any number of threads may await it. */
@FunctionalInterface
public interface PendingCopy {
  /** Of a copy that is done. */
  PendingCopy DONE = () -> {};

  /** Returns when it is done. What was awaited before writes nothing any more. */
  void await();
}
