// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.ProcessGroup;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Batch norm by the statistics of processes that are threads. */
class BatchNormOfGroupTest {
  private static final double EPS = 1e-5;

  /** What the threads share. */
  private static final class Threads {
    private final double[][] values;
    private final CyclicBarrier barrier;

    Threads(int size) {
      values = new double[size][];
      barrier = new CyclicBarrier(size);
    }

    private final class Member implements ProcessGroup {
      private final int rank;
      private final boolean idle;

      Member(int rank, boolean idle) {
        this.rank = rank;
        this.idle = idle;
      }

      @Override
      public void allReduceSum(double[] own) {
        values[rank] = idle ? new double[own.length] : own.clone();
        meet();
        for (int i = 0; i < own.length; i++) {
          own[i] = 0;
          for (double[] each : values) {
            own[i] += each[i];
          }
        }
        meet();
      }

      private void meet() {
        try {
          barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /** The result for some rows, and the gradients for them, weight and bias. */
  private record Outcome(Tensor y, Tensor gx, Tensor gw, Tensor gb, BatchNorm.Running running) {}

  private static Outcome outcome(Tensor rows, Tensor upstream, @Nullable ProcessGroup group) {
    Tensor x = rows.copy().detach().requiresGrad_(true);
    Tensor w = v(2, -3).detach().requiresGrad_(true);
    Tensor b = v(1, 0.5).detach().requiresGrad_(true);
    BatchNorm.Running running = new BatchNorm.Running(v(0.5, 0.5), v(2, 3));
    Tensor y =
        group == null
            ? BatchNorm.of(x, w, b, EPS, running, 0.25)
            : BatchNorm.ofGroup(x, w, b, EPS, running, 0.25, group);
    y.backward(upstream);
    return new Outcome(y, x.grad(), w.grad(), b.grad(), running);
  }

  private static void same(Tensor expected, Tensor actual) {
    assertArrayEquals(expected.toDoubleArray(), actual.toDoubleArray(), 1e-12);
  }

  @Test
  @DisplayName("three processes, one of them without rows, equal one that has all rows")
  void equalsTheMergedBatch() throws Exception {
    Tensor x = random(1, 8, 2, 3).detach();
    Tensor g = random(2, 8, 2, 3).detach();
    Outcome merged = outcome(x, g, null);
    int[] from = {0, 3, 0};
    int[] count = {3, 5, 2};
    Threads threads = new Threads(3);
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Callable<Outcome>> work = new ArrayList<>();
      for (int r = 0; r < 3; r++) {
        boolean idle = r == 2;
        ProcessGroup group = threads.new Member(r, idle);
        Tensor rows = x.narrow(0, from[r], count[r]).detach();
        Tensor upstream = g.narrow(0, from[r], count[r]).detach();
        work.add(
            () -> {
              try (var device = DefaultBackend.set(x.backend())) {
                return outcome(idle ? rows.mul(Double.NaN) : rows, upstream, group);
              }
            });
      }
      List<Outcome> parts = new ArrayList<>();
      for (Future<Outcome> f : pool.invokeAll(work)) {
        parts.add(f.get());
      }
      Outcome first = parts.get(0);
      Outcome second = parts.get(1);
      same(merged.y(), Concat.of(List.of(first.y(), second.y()), 0));
      same(merged.gx(), Concat.of(List.of(first.gx(), second.gx()), 0));
      same(merged.gw(), first.gw().add(second.gw()));
      same(merged.gb(), first.gb().add(second.gb()));
      for (Outcome part : parts) {
        same(merged.running().mean(), part.running().mean());
        same(merged.running().variance(), part.running().variance());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  @DisplayName("first and second derivatives agree with central differences")
  void derivatives() {
    allGradients(
        in ->
            BatchNorm.ofGroup(in.get(0), in.get(1), in.get(2), EPS, null, 0, new EqualProcesses(1)),
        random(1, 4, 2),
        positive(2, Shape.of(2)),
        random(3, 2));
  }

  @Test
  @DisplayName("one value per channel is too few only if no other process has more")
  void tooFew() {
    Tensor x = v(1, 2).reshape(1, 2);
    assertThrows(
        ShapeMismatchException.class,
        () -> BatchNorm.ofGroup(x, null, null, EPS, null, 0, new EqualProcesses(1)));
    same(
        v(0, 0),
        BatchNorm.ofGroup(x, null, null, EPS, null, 0, new EqualProcesses(2)).reshape(2).detach());
  }

  @Test
  @DisplayName("a layer meets its group in train mode only")
  void modes() {
    BatchNorm1d layer = new BatchNorm1d(2);
    List<Integer> calls = new ArrayList<>();
    layer.setProcessGroup(
        new ProcessGroup() {
          @Override
          public void allReduceSum(double[] values) {
            calls.add(values.length);
          }
        });
    Tensor x = Tensor.ones(3, 2);
    layer.call(x);
    assertEquals(List.of(3, 2), calls);
    layer.eval();
    layer.call(x);
    layer.train();
    layer.setProcessGroup(null);
    layer.call(x);
    assertEquals(2, calls.size());
  }
}
