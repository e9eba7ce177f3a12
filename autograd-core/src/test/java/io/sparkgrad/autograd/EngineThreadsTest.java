// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Note [Thread safety]: any number of threads over shared leaves and shared graphs. */
class EngineThreadsTest {
  private static final int THREADS = 4;
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  /** Runs the body on all threads at once and returns what each threw, or null. */
  private static List<Exception> together(IntFunction<Callable<?>> body) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      CyclicBarrier start = new CyclicBarrier(THREADS);
      List<Future<Exception>> futures = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        Callable<?> work = body.apply(i);
        futures.add(
            pool.submit(
                () -> {
                  start.await();
                  try {
                    work.call();
                    return null;
                  } catch (RuntimeException e) {
                    return e;
                  }
                }));
      }
      List<Exception> results = new ArrayList<>();
      for (Future<Exception> f : futures) {
        results.add(f.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  private static void assertAllSucceed(List<Exception> results) {
    assertTrue(results.stream().allMatch(e -> e == null), results.toString());
  }

  @Test
  @DisplayName("ENG-12 (a) and (d): own graphs over a shared leaf, built while others run backward")
  void sharedLeaf() throws Exception {
    Tensor x = v(1, 2, 3).requiresGrad_();
    int rounds = 300;
    assertAllSucceed(
        together(
            thread ->
                () -> {
                  for (int i = 0; i < rounds; i++) {
                    x.mul(2).add(x.square()).sum().backward();
                  }
                  return null;
                }));
    double n = (double) THREADS * rounds; // 2 + 2x each
    values(x.grad(), 4 * n, 6 * n, 8 * n);
  }

  @Test
  @DisplayName("ENG-12 (b): the same graph, retained, gives exactly N times the gradient")
  void sharedGraph() throws Exception {
    Tensor x = v(1, 2).requiresGrad_();
    Tensor y = x.square().exp().log().sum();
    assertAllSucceed(
        together(
            thread ->
                () -> {
                  for (int i = 0; i < 50; i++) {
                    y.backward(null, RETAIN);
                  }
                  return null;
                }));
    values(x.grad(), 50 * THREADS * 2, 50 * THREADS * 4);
  }

  @Test
  @DisplayName("ENG-12 (c), I06: not retained, one thread succeeds and the others say why not")
  void freedGraph() throws Exception {
    for (int round = 0; round < 50; round++) {
      Tensor x = v(1, 2).requiresGrad_();
      Tensor y = x.square().sum();
      List<Exception> results =
          together(
              thread ->
                  () -> {
                    y.backward();
                    return null;
                  });
      long succeeded = results.stream().filter(e -> e == null).count();
      assertTrue(succeeded >= 1, results.toString());
      assertTrue(
          results.stream().allMatch(e -> e == null || e instanceof GraphFreedException),
          results.toString());
      values(x.grad(), 2 * succeeded, 4 * succeeded);
    }
  }
}
