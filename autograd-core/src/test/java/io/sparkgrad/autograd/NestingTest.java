// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.CpuThreads;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NestingTest {
  private static final int DEPTH = 2_000;

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  /**
   * The identity, whose backward runs another of these down to level 0, where {@code last} runs.
   */
  private static Tensor countdown(Tensor x, int level, Runnable last) {
    return Tape.record(
        "Countdown",
        x.detach().copy(),
        new Tensor[] {x},
        saver ->
            (g, needs) -> {
              if (level == 0) {
                last.run();
              } else {
                try (var mode = GradMode.enableGrad()) {
                  countdown(leaf(1), level - 1, last).backward();
                }
              }
              return Backward.grads(g);
            });
  }

  @Test
  @DisplayName("ENG-10, I03: 2,000 passes inside each other, on a few threads")
  void deep() {
    Tensor x = leaf(1);
    Set<Thread> threads = new HashSet<>();
    countdown(x, DEPTH, () -> threads.add(Thread.currentThread())).backward();
    values(x.grad(), 1);
    assertEquals(1, threads.size());
    assertTrue(!threads.contains(Thread.currentThread()));
    assertEquals(0, Modes.current().depth);
  }

  @Test
  @DisplayName("ENG-10, I03: on another thread the number of threads is the same")
  void numberOfThreads() {
    List<Integer> threads = new ArrayList<>();
    try (var scope = CpuThreads.setNumThreads(3)) {
      countdown(leaf(1), Nesting.LEVELS, () -> threads.add(CpuThreads.getNumThreads())).backward();
    }
    assertEquals(List.of(3), threads);
  }

  @Test
  @DisplayName("ENG-10, I04: the exception of the innermost pass reaches the outermost caller")
  void exception() {
    IllegalStateException thrown = new IllegalStateException("from far below");
    Tensor y =
        countdown(
            leaf(1),
            DEPTH,
            () -> {
              throw thrown;
            });
    assertSame(thrown, assertThrows(IllegalStateException.class, y::backward));
    assertEquals(0, Modes.current().depth);
    assertTrue(GradMode.isEnabled());
    Tensor fresh = leaf(2);
    fresh.square().backward();
    values(fresh.grad(), 4);
    Tensor error =
        countdown(
            leaf(1),
            Nesting.LEVELS,
            () -> {
              throw new AssertionError();
            });
    assertThrows(AssertionError.class, error::backward);
  }

  @Test
  @DisplayName(
      "ENG-10, ENG-8: generator, modes and class loader are those of the caller at any depth")
  void threadLocals() {
    Generator.current().manualSeed(7);
    long expected = new Generator(7).nextLong();
    List<Object> seen = new ArrayList<>();
    Runnable last =
        () -> {
          seen.add(Generator.current().nextLong());
          seen.add(GradMode.isEnabled());
          seen.add(Thread.currentThread().getContextClassLoader());
        };
    Tensor y = countdown(leaf(1), Nesting.LEVELS + 1, last);
    try (var mode = GradMode.noGrad()) {
      y.backward();
      assertTrue(!GradMode.isEnabled());
    }
    assertEquals(List.of(expected, false, Thread.currentThread().getContextClassLoader()), seen);
    Generator after = new Generator(7);
    after.nextLong();
    assertEquals(after.state(), Generator.current().state());
  }

  @Test
  @DisplayName("ENG-10, ENG-13: a nested pass on another thread may come to a node that is running")
  void sameNode() {
    Tensor x = leaf(3);
    Tensor[] y = new Tensor[1];
    int[] runs = {0};
    y[0] =
        Tape.record(
            "Again",
            x.detach().copy(),
            new Tensor[] {x},
            saver ->
                (g, needs) -> {
                  if (runs[0]++ < 2 * Nesting.LEVELS) {
                    y[0].backward();
                  }
                  return Backward.grads(g);
                });
    y[0].backward();
    values(x.grad(), 2 * Nesting.LEVELS + 1);
  }

  @Test
  @DisplayName("ENG-10: an interrupt reaches the nested pass and stays set")
  void interrupt() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    List<Boolean> seen = new ArrayList<>();
    Tensor y =
        countdown(
            leaf(1),
            Nesting.LEVELS,
            () -> {
              started.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                seen.add(true);
              }
            });
    Thread caller =
        new Thread(
            () -> {
              y.backward();
              seen.add(Thread.currentThread().isInterrupted());
            });
    caller.start();
    started.await();
    caller.interrupt();
    caller.join();
    assertEquals(List.of(true, true), seen);
  }
}
