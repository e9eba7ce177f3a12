// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.FloatFormat;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.train.GradientSynchronizer.Global;
import io.sparkgrad.spark.train.GradientSynchronizer.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Gradients of ranks that are threads. */
class GradientSynchronizerTest {
  private static final Settings EACH_BY_ITSELF = new Settings(1, 1, false, FloatFormat.FLOAT32);
  private static final Settings LARGE = Settings.ofBuckets(4 << 20);

  private static List<Parameter> trainable(Module network) {
    return network.parameters().stream().filter(Tensor::requiresGrad).toList();
  }

  private static GradientSynchronizer synchronizer(
      Communicator c, List<Parameter> parameters, Settings settings) {
    return new GradientSynchronizer(
        new TimedCommunicator(c, new PhaseClock()), parameters, settings);
  }

  private static Module network() {
    return NetworkFactory.initialised(Workers.mlp(), 5);
  }

  private static Tensor loss(Module network, long seed) {
    return network.forward(Tensor.randn(new Generator(seed), 7, 4)).square().sum();
  }

  /** The gradients after some steps of a rank, in each of which it has other rows. */
  private static List<float[]> gradients(Communicator c, Module network, Settings settings) {
    List<float[]> gradients = new ArrayList<>();
    try (GradientSynchronizer synchronizer = synchronizer(c, trainable(network), settings)) {
      for (int step = 0; step < 3; step++) {
        network.zeroGrad();
        synchronizer.begin();
        loss(network, 100 * step + c.rank()).backward(); // accumulated, not sent
        Tensor loss = loss(network, 100 * step + c.rank() + 50);
        synchronizer.expectLast();
        loss.backward();
        synchronizer.average(new Global(14, loss.item(), 0));
        trainable(network).forEach(p -> gradients.add(p.grad().toFloatArray()));
      }
    }
    return gradients;
  }

  @Test
  @DisplayName("sent while backward runs or after it: the same bits on all ranks")
  void overlap() throws Exception {
    for (int ranks = 2; ranks <= 3; ranks++) {
      List<List<float[]>> overlapped =
          LinksInMemory.run(ranks, c -> gradients(c, network(), EACH_BY_ITSELF)).results();
      List<List<float[]>> after =
          LinksInMemory.run(ranks, c -> gradients(c, network(), EACH_BY_ITSELF.withHolding(true)))
              .results();
      for (List<float[]> rank : overlapped) {
        for (int i = 0; i < rank.size(); i++) {
          assertArrayEquals(after.get(0).get(i), rank.get(i));
        }
      }
    }
  }

  @Test
  @DisplayName(
      "each rank sends its trained parameters, a flag each, and three doubles: no byte more")
  void bytes() throws Exception {
    for (Settings settings : List.of(EACH_BY_ITSELF, LARGE)) {
      List<Long> sent =
          LinksInMemory.run(
                  2,
                  c -> {
                    Module network = Mlp.create(4, 6, 5, 3);
                    network.freeze(List.of("fc1", "fc3.weight"));
                    gradients(c, network, settings);
                    return c.bytesSent();
                  })
              .results();
      int numbers = 6 * 5 + 5 + 3; // fc2 and the bias of fc3
      int flags = 3;
      long expected = 3L * ((numbers + flags) * Float.BYTES + 3 * Double.BYTES);
      assertEquals(List.of(expected, expected), sent);
    }
  }

  @Test
  @DisplayName("as bfloat16 gradients take half the bytes, and differ by less than a hundredth")
  void compression() throws Exception {
    Settings bfloat16 = LARGE.withFormat(FloatFormat.BFLOAT16);
    LinksInMemory.Outcome<List<float[]>> exact =
        LinksInMemory.run(3, c -> gradients(c, network(), LARGE));
    LinksInMemory.Outcome<List<float[]>> rounded =
        LinksInMemory.run(3, c -> gradients(c, network(), bfloat16));
    long tails = 3L * 3 * 2 * 3 * Double.BYTES; // ranks, steps, to two others, numbers
    assertEquals((exact.bytes() - tails) / 2, rounded.bytes() - tails);
    for (int i = 0; i < exact.results().get(0).size(); i++) {
      float[] expected = exact.results().get(0).get(i);
      float[] actual = rounded.results().get(0).get(i);
      assertTrue(relativeError(expected, actual) < 0.01);
      assertTrue(relativeError(expected, actual) > 0);
      for (List<float[]> rank : rounded.results()) {
        assertArrayEquals(actual, rank.get(i));
      }
    }
  }

  private static double relativeError(float[] expected, float[] actual) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(expected[i] - actual[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(error / norm);
  }

  @Test
  @DisplayName("the last layer's gradient is on its way before the first layer's is computed")
  void whileBackwardRuns() throws Exception {
    CountDownLatch started = new CountDownLatch(2);
    List<Boolean> early =
        LinksInMemory.run(
                2,
                c -> {
                  Module network = network();
                  Communicator told =
                      new ForwardingCommunicator(c) {
                        @Override
                        public void allReduceSum(
                            float[] data, int offset, int length, FloatFormat format) {
                          started.countDown();
                          super.allReduceSum(data, offset, length, format);
                        }
                      };
                  boolean[] seen = new boolean[1];
                  network
                      .parameters()
                      .get(0)
                      .registerPostAccumulateGradHook(
                          p -> seen[0] = awaited(started)); // before the synchronizer's own
                  gradientsOfOneStep(told, network);
                  return seen[0];
                })
            .results();
    assertEquals(List.of(true, true), early);
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void gradientsOfOneStep(Communicator c, Module network) {
    try (GradientSynchronizer synchronizer = synchronizer(c, trainable(network), EACH_BY_ITSELF)) {
      synchronizer.begin();
      Tensor loss = loss(network, c.rank());
      synchronizer.expectLast();
      loss.backward();
      synchronizer.average(new Global(7, loss.item(), 0));
    }
  }

  @Test
  @DisplayName(
      "a rank that lacks a gradient gets that of the others; one that no rank has stays away")
  void unreached() throws Exception {
    LinksInMemory.run(
        2,
        c -> {
          Parameter of0 = new Parameter(Tensor.ones(2));
          Parameter ofAll = new Parameter(Tensor.ones(3));
          Parameter ofNone = new Parameter(Tensor.ones(4));
          try (GradientSynchronizer s = synchronizer(c, List.of(of0, ofAll, ofNone), LARGE)) {
            s.begin();
            Tensor loss = ofAll.sum();
            loss = c.rank() == 0 ? loss.add(of0.sum()) : loss;
            s.expectLast();
            loss.backward();
            Global global = s.average(new Global(1, loss.item(), 0));
            assertEquals(new Global(2, 8, 0), global);
          }
          assertArrayEquals(new float[] {0.5f, 0.5f}, of0.grad().toFloatArray());
          assertArrayEquals(new float[] {1, 1, 1}, ofAll.grad().toFloatArray());
          assertNull(ofNone.grad());
          return true;
        });
  }

  @Test
  @DisplayName("weight and loss of the global batch are summed in double precision")
  void tail() throws Exception {
    double much = (1L << 24) + 1; // which no float holds
    List<Global> sums =
        LinksInMemory.run(
                2,
                c -> {
                  try (GradientSynchronizer s = synchronizer(c, trainable(network()), LARGE)) {
                    s.begin();
                    return s.average(new Global(much, c.rank() * 1e-9 + 1e6, c.rank()));
                  }
                })
            .results();
    Global expected = new Global(2 * much, 1e6 + (1e-9 + 1e6), 1);
    assertEquals(List.of(expected, expected), sums);
  }

  @Test
  @DisplayName("what goes wrong in the thread that communicates is thrown by the step, itself")
  void failure() throws Exception {
    RuntimeException lost = new IllegalStateException("the line is cut");
    Communicator broken =
        new ForwardingCommunicator(new SilentCommunicator()) {
          @Override
          public void allReduceSum(float[] data, int offset, int length, FloatFormat format) {
            throw lost;
          }
        };
    Throwable thrown =
        assertThrows(IllegalStateException.class, () -> gradientsOfOneStep(broken, network()));
    assertSame(lost, thrown);
    assertNoThread();
  }

  @Test
  @DisplayName("an interrupt ends the wait for the other ranks, and the thread")
  void interrupt() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    Communicator silent =
        new ForwardingCommunicator(new SilentCommunicator()) {
          @Override
          public void allReduceSum(float[] data, int offset, int length, FloatFormat format) {
            waiting.countDown();
            super.allReduceSum(data, offset, length, format);
          }
        };
    List<String> sentence = new ArrayList<>();
    Thread training =
        new Thread(
            () ->
                sentence.add(
                    assertThrows(
                            RuntimeException.class, () -> gradientsOfOneStep(silent, network()))
                        .getMessage()));
    training.start();
    waiting.await();
    training.interrupt();
    training.join();
    assertEquals(
        List.of("rank 0: the task was interrupted while it waited for gradients"), sentence);
    assertNoThread();
  }

  private static void assertNoThread() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("sparkgrad-allreduce")) {
        thread.join(TimeUnit.SECONDS.toMillis(60)); // told to end, but perhaps not there yet
        assertFalse(thread.isAlive(), thread.getName());
      }
    }
  }

  @Test
  @DisplayName("a closed synchronizer leaves no hook at the parameters")
  void close() throws Exception {
    LinksInMemory.run(
        2,
        c -> {
          Module network = network();
          gradientsOfOneStep(c, network);
          long before = c.bytesSent();
          loss(network, 1).backward();
          assertEquals(before, c.bytesSent());
          return true;
        });
  }

  @Test
  @DisplayName("a gradient that comes in two parts, the second after it was sent, is refused")
  void twice() throws Exception {
    Parameter p = new Parameter(Tensor.ones(2));
    try (GradientSynchronizer s =
        synchronizer(
            new ForwardingCommunicator(new SilentCommunicator()) {
              @Override
              public void allReduceSum(float[] data, int offset, int length, FloatFormat format) {}
            },
            List.of(p),
            LARGE)) {
      s.begin();
      s.expectLast();
      p.sum().backward();
      IllegalStateException e = assertThrows(IllegalStateException.class, () -> p.sum().backward());
      assertTrue(e.getMessage().contains("must not call backward inside its own backward"));
    }
  }

  @Test
  @DisplayName("buckets: the last layers first, each closed as soon as it is large enough")
  void buckets() {
    List<Parameter> parameters = new ArrayList<>();
    for (int size : new int[] {3, 5, 1, 4, 2}) {
      parameters.add(new Parameter(Tensor.ones(size)));
    }
    List<List<Long>> sizes =
        GradientBucket.divide(parameters, 4, 20).stream()
            .map(b -> b.parameters().stream().map(Tensor::numel).toList())
            .toList();
    assertEquals(List.of(List.of(2L), List.of(4L, 1L), List.of(5L), List.of(3L)), sizes);
    assertFalse(GradientBucket.divide(parameters, 4, 20).get(0).isFull());
    Settings quarterFirst = Settings.ofBuckets(20);
    assertEquals(5, quarterFirst.firstBytes());
    assertEquals(20, quarterFirst.bytes());
  }
}
