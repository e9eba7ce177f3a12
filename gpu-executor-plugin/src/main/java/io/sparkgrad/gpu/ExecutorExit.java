// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.concurrent.TimeUnit;

/** Ends the process of an executor, so that Spark starts another in its place. */
final class ExecutorExit {
  /** What Spark reports of an executor that ended on a fatal CUDA error, as spark-rapids does. */
  static final int CODE = 20;

  /** Shutdown hooks may wait for a task that waits for the broken device. */
  private static final long HALT_SECONDS = 40;

  private ExecutorExit() {}

  /** Ends the process when {@code lastWords} are said, or 40 s from now if they take longer. */
  static void after(Runnable lastWords) {
    Thread timer =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(HALT_SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              Runtime.getRuntime().halt(CODE);
            },
            "sparkgrad-gpu-halt");
    timer.setDaemon(true);
    timer.start();
    lastWords.run();
    System.exit(CODE);
  }
}
