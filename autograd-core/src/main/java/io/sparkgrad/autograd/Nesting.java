// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.CpuThreads;
import org.jspecify.annotations.Nullable;

/**
 * Backward passes inside backward passes, to any depth: every {@link #LEVELS} levels the pass goes
 * on in a thread with an empty stack, while the one below waits. To everything that depends on the
 * thread (modes, generator, number of threads, held nodes, class loader) it is the same thread.
 */
final class Nesting {
  /** A level takes about ten frames; sixty of them are far from filling the smallest stack. */
  static final int LEVELS = 60;

  private Nesting() {}

  static void run(Runnable pass) {
    Modes modes = Modes.current();
    modes.depth++;
    Node outer = modes.running;
    try {
      if (modes.depth % LEVELS == 0) {
        onAnotherStack(pass, modes, Generator.current());
      } else {
        pass.run();
      }
    } finally {
      modes.running = outer;
      modes.depth--;
      if (modes.depth == 0) {
        modes.recomputations.forEach(Recomputation::forget);
        modes.recomputations.clear();
      }
    }
  }

  private static void onAnotherStack(Runnable pass, Modes modes, Generator generator) {
    Continuation continuation = new Continuation(pass, modes, generator);
    Thread thread = new Thread(continuation, Thread.currentThread().getName() + " (nested)");
    thread.setDaemon(true);
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.start();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt(); // whoever waits in there is to know
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    continuation.rethrow();
  }

  /** The pass in its new thread, and how it ended. */
  private static final class Continuation implements Runnable {
    private final Runnable pass;
    private final Modes modes;
    private final Generator generator;
    private final int threads = CpuThreads.getNumThreads();
    private @Nullable RuntimeException exception;
    private @Nullable Error error;

    Continuation(Runnable pass, Modes modes, Generator generator) {
      this.pass = pass;
      this.modes = modes;
      this.generator = generator;
    }

    @Override
    public void run() {
      Modes.adopt(modes);
      Generator.adopt(generator);
      CpuThreads.setNumThreads(threads);
      try {
        pass.run();
      } catch (RuntimeException e) {
        exception = e;
      } catch (Error e) {
        error = e;
      }
    }

    void rethrow() {
      if (exception != null) {
        throw exception;
      }
      if (error != null) {
        throw error;
      }
    }
  }
}
