// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A buffer and how often it was written in place; shared by a tensor, its reshapes and its detached
 * aliases. A write that is recorded puts another buffer in its place.
 */
final class Storage {
  private volatile Buffer buffer;
  private final boolean inference = Modes.current().inference;

  /** In which run of a formula it was made, as long as nothing else got hold of it. */
  private @Nullable Object formula = Modes.current().formula;

  private boolean ownedByEngine;
  private AtomicInteger writes = new AtomicInteger();
  private int writesBefore;

  Storage(Buffer buffer) {
    this.buffer = buffer;
  }

  /** Whether it was made in inference mode. */
  boolean isInference() {
    return inference;
  }

  /**
   * Settles whether a gradient that a formula returned belongs to the engine: it was made in this
   * run, and is not returned for another input as well.
   */
  void claim(@Nullable Object run) {
    ownedByEngine = run != null && run == formula;
    formula = null;
  }

  /** Says that the engine made it and that nothing else has seen it. */
  void own() {
    ownedByEngine = true;
  }

  /** Says that somebody else may hold it. */
  void disown() {
    ownedByEngine = false;
    formula = null;
  }

  boolean isOwnedByEngine() {
    return ownedByEngine;
  }

  Buffer buffer() {
    return buffer;
  }

  int version() {
    return writes.get() - writesBefore;
  }

  /** How many versions of the tensor came before this was written into it. */
  int writesBefore() {
    return writesBefore;
  }

  void bumpVersion() {
    writes.incrementAndGet();
  }

  /**
   * Takes the buffer of a result that was just computed, and gives its own up to whoever saved it.
   * From now on each write counts for both: the formula may have saved the result.
   */
  void takeOver(Storage result) {
    BufferScope.share(result.buffer, buffer);
    buffer = result.buffer;
    bumpVersion();
    int version = result.version();
    result.writes = writes;
    result.writesBefore = writes.get() - version;
  }
}
