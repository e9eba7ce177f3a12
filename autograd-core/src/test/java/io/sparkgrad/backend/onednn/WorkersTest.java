// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.CpuThreads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {
  private static void run(int threads, int parts, IntConsumer part) {
    try (var scope = CpuThreads.setNumThreads(threads)) {
      Workers.run(parts, part);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void runsEveryPartOnce() {
    for (int threads = 1; threads <= 4; threads++) {
      for (int parts : new int[] {0, 1, 2, 3, 100}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(parts);
        run(threads, parts, runs::incrementAndGet);
        for (int i = 0; i < parts; i++) {
          assertEquals(1, runs.get(i), "part " + i + " of " + parts);
        }
      }
    }
  }

  @Test
  void isDoneWhenItReturns() {
    for (int i = 0; i < 20_000; i++) {
      int[] results = new int[3];
      run(3, 3, part -> results[part] = 1);
      assertEquals(3, results[0] + results[1] + results[2]);
    }
  }

  @Test
  void usesAsManyThreadsAsItMay() {
    CyclicBarrier all = new CyclicBarrier(3); // passes only if three parts run at once
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    run(
        3,
        3,
        part -> {
          threads.add(Thread.currentThread());
          await(all);
        });
    assertEquals(3, threads.size());
    assertTrue(threads.remove(Thread.currentThread()));
    assertTrue(threads.stream().allMatch(Thread::isDaemon));
  }

  @Test
  void oneThreadIsTheCaller() {
    run(1, 5, part -> assertSame(caller(), Thread.currentThread()));
    Workers.run(5, part -> assertSame(caller(), Thread.currentThread()));
  }

  private final Thread caller = Thread.currentThread();

  private Thread caller() {
    return caller;
  }

  @Test
  void whoIsFreeTakesTheNextPart() {
    CountDownLatch othersDone = new CountDownLatch(9);
    run(
        2,
        10,
        part -> {
          if (part == 0) {
            await(othersDone); // a fixed half for each thread would wait for ever
          } else {
            othersDone.countDown();
          }
        });
    assertEquals(0, othersDone.getCount());
  }

  @Test
  void anExceptionReachesTheCaller() {
    for (int failing = 0; failing < 4; failing++) {
      int bad = failing;
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> run(2, 4, part -> failIf(part == bad)));
      assertEquals("part failed", e.getMessage());
    }
    CyclicBarrier both = new CyclicBarrier(2);
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                run(
                    2,
                    2,
                    part -> {
                      await(both);
                      failIf(true);
                    }));
    assertEquals(1, e.getSuppressed().length);
    runsEveryPartOnce();
  }

  private static void failIf(boolean condition) {
    if (condition) {
      throw new IllegalStateException("part failed");
    }
  }

  @Test
  void noPartBeginsAfterAFailure() {
    AtomicInteger begun = new AtomicInteger();
    assertThrows(
        StackOverflowError.class,
        () ->
            run(
                2,
                1_000_000,
                part -> {
                  begun.incrementAndGet();
                  throw new StackOverflowError();
                }));
    assertTrue(begun.get() <= 2, "begun: " + begun);
  }

  @Test
  void twoCallersHaveTheirOwnHelpers() throws ExecutionException, InterruptedException {
    CyclicBarrier all = new CyclicBarrier(4); // two callers and a helper for each
    ExecutorService callers = Executors.newFixedThreadPool(2);
    Future<?> first = callers.submit(() -> run(2, 2, part -> await(all)));
    Future<?> second = callers.submit(() -> run(2, 2, part -> await(all)));
    first.get();
    second.get();
    callers.shutdown();
  }

  @Test
  void manyCallersDoNotMixTheirWork() throws ExecutionException, InterruptedException {
    ExecutorService callers = Executors.newFixedThreadPool(4);
    Future<?>[] all = new Future<?>[4];
    for (int i = 0; i < all.length; i++) {
      all[i] = callers.submit(this::isDoneWhenItReturns);
    }
    for (Future<?> f : all) {
      f.get();
    }
    callers.shutdown();
  }

  @Test
  void anInterruptedCallerWaitsAndStaysInterrupted() {
    CyclicBarrier both = new CyclicBarrier(2);
    AtomicInteger done = new AtomicInteger();
    run(
        2,
        2,
        part -> {
          await(both);
          if (Thread.currentThread() == caller) {
            caller.interrupt();
          } else {
            sleep();
          }
          done.incrementAndGet();
        });
    assertEquals(2, done.get());
    assertTrue(Thread.interrupted());
    assertFalse(Thread.currentThread().isInterrupted());
  }

  private static void sleep() {
    try {
      Thread.sleep(5); // long enough for the caller to park
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
