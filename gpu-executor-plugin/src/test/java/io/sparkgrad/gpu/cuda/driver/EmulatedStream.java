// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.util.ArrayDeque;
import java.util.Queue;

/** Work in order; done as it comes, or when somebody waits for it. */
final class EmulatedStream {
  private final boolean lazy;
  private final Queue<Runnable> pending = new ArrayDeque<>();
  private long done;

  EmulatedStream(boolean lazy) {
    this.lazy = lazy;
  }

  void add(Runnable work) {
    pending.add(work);
    if (!lazy) {
      drain();
    }
  }

  /** The number of pieces of work so far. */
  long position() {
    return done + pending.size();
  }

  boolean isDone(long position) {
    return done >= position;
  }

  /** Does one piece of work. */
  void step() {
    Runnable work = pending.remove();
    done++;
    work.run();
  }

  /** Does the work up to a position. */
  void drain(long position) {
    while (done < position) {
      step();
    }
  }

  void drain() {
    drain(position());
  }
}
