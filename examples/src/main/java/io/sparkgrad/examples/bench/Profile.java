// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where the time of a step goes: which operation of Sparkgrad the calling thread was in whenever a
 * sampler looked. What is in none of them, such as the walk over the graph, goes by its own method.
 */
record Profile(List<Share> shares) {
  /** Milliseconds between two looks: thousands in a run, and a cost that nobody notices. */
  private static final long PERIOD = 2;

  private static final List<String> OPERATIONS =
      List.of("io.sparkgrad.autograd.op.", "io.sparkgrad.optim.");
  private static final String ENGINE = "io.sparkgrad.";

  /**
   * One operation's.
   *
   * @param operation as in {@code Conv2d.forward}
   * @param part of the whole, from 0 to 1
   */
  record Share(String operation, double part) {}

  /** Samples the calling thread while it runs {@code work}; the largest share comes first. */
  static Profile of(Runnable work) {
    Thread worker = Thread.currentThread();
    Map<String, Integer> counts = new HashMap<>();
    AtomicBoolean done = new AtomicBoolean();
    Thread sampler =
        new Thread(
            () -> {
              while (!done.get()) {
                counts.merge(operation(worker.getStackTrace()), 1, Integer::sum);
                pause();
              }
            },
            "sampler");
    sampler.setDaemon(true);
    sampler.start();
    try {
      work.run();
    } finally {
      done.set(true);
      join(sampler);
    }
    return of(counts);
  }

  private static void pause() {
    try {
      Thread.sleep(PERIOD);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the sampler", e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Profile of(Map<String, Integer> counts) {
    double all = counts.values().stream().mapToInt(Integer::intValue).sum();
    return new Profile(
        counts.entrySet().stream()
            .map(e -> new Share(e.getKey(), e.getValue() / all))
            .sorted(Comparator.comparing(Share::part).reversed().thenComparing(Share::operation))
            .toList());
  }

  /** The innermost operation of a stack, whose first frame is the innermost. */
  static String operation(StackTraceElement[] stack) {
    String engine = "other";
    for (StackTraceElement frame : stack) {
      String type = frame.getClassName();
      if (OPERATIONS.stream().anyMatch(type::startsWith)) {
        return name(frame);
      }
      if (engine.equals("other") && type.startsWith(ENGINE)) {
        engine = name(frame);
      }
    }
    return engine;
  }

  private static String name(StackTraceElement frame) {
    String type = frame.getClassName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
  }
}
