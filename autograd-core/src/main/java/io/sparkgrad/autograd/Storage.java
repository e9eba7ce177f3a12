// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.Buffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A buffer and how often it was written in place; shared by a tensor, its reshapes and its detached
 * aliases.
 */
final class Storage {
  private final Buffer buffer;
  private final boolean inference = Modes.current().inference;
  private final AtomicInteger version = new AtomicInteger();

  Storage(Buffer buffer) {
    this.buffer = buffer;
  }

  /** Whether it was made in inference mode. */
  boolean isInference() {
    return inference;
  }

  Buffer buffer() {
    return buffer;
  }

  int version() {
    return version.get();
  }

  void bumpVersion() {
    version.incrementAndGet();
  }
}
