// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import org.jspecify.annotations.Nullable;

/**
 * How many threads the CPU's kernels may use for the calling thread, itself included. One unless
 * somebody says otherwise: tasks of spark-estimator do, with {@code spark.task.cpus}, and the
 * system property {@code sparkgrad.threads} does for all threads that say nothing. Each thread has
 * its own number, and threads that are started inside a scope begin anew.
 *
 * <p>With the same number results repeat to the bit. Another number may sum a weight's gradient in
 * another order.
 *
 * <pre>{@code
 * try (var threads = CpuThreads.setNumThreads(TaskContext.get().cpus())) {
 *   trainOneEpoch();
 * }
 * }</pre>
 */
public final class CpuThreads {
  static final String PROPERTY = "sparkgrad.threads";

  private static final ThreadSetting<Integer> CURRENT = new ThreadSetting<>(() -> Default.THREADS);

  private CpuThreads() {}

  /** Read on first use. */
  private static final class Default {
    private static final int THREADS = parse(System.getProperty(PROPERTY));
  }

  static int parse(@Nullable String property) {
    if (property == null) {
      return 1;
    }
    if (!property.matches("[1-9][0-9]{0,3}")) {
      throw new IllegalArgumentException(
          "CpuThreads: system property %s, expected a number of threads from 1 to 9999, got '%s'; correct it or leave it out for 1."
              .formatted(PROPERTY, property));
    }
    return Integer.parseInt(property);
  }

  /**
   * Sets the number for the calling thread, until the scope is closed or for good.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public static ThreadSetting.Scope setNumThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException(
          "setNumThreads: number of threads, expected at least 1, got %d; 1 leaves all work to the calling thread."
              .formatted(threads));
    }
    return CURRENT.set(threads);
  }

  /** The calling thread's. */
  public static int getNumThreads() {
    return CURRENT.get();
  }
}
