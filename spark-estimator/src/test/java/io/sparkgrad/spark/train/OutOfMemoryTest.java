// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.allreduce.SingleWorkerCommunicator;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.device.BatchPieces;
import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.DeviceSettings;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import io.sparkgrad.spark.train.NetworkSettings.FeatureCache;
import io.sparkgrad.spark.train.OptimizerSettings.Compression;
import io.sparkgrad.spark.train.OptimizerSettings.Gradients;
import io.sparkgrad.spark.train.Workers.Trained;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Training on a device whose memory fails at an allocation of the test's choice. */
class OutOfMemoryTest {
  private static final int BATCH = 6;
  private static final String SIZES = "24 bytes wanted, 8 are free";

  private static TrainingPlan plan(OutOfMemory onOutOfMemory, int batchSize, int accumulation) {
    TrainingPlan plan =
        Workers.with(
            Workers.plan(batchSize),
            new DeviceSettings(DevicePreference.AUTO, onOutOfMemory, MatmulPrecision.FP32));
    Gradients eachByItself = new Gradients(0, 0, accumulation, Compression.NONE, 1);
    return Workers.with(
        Workers.with(plan, plan.optimizer().withGradients(eachByItself)),
        ValidationSettings.NONE,
        1);
  }

  private static TrainingPlan plan(OutOfMemory onOutOfMemory) {
    return plan(onOutOfMemory, BATCH, 1);
  }

  /** A device that fails at some of its allocations. */
  private static final class Scarce {
    private final BiPredicate<Integer, Long> fails;
    private final Class<?> within;
    private final CountingBackend device =
        new CountingBackend(Backends.byName("java"), this::before);
    private int allocations;
    private long peak;
    boolean failed;

    /**
     * A device.
     *
     * @param within the class that the allocations are made for which count
     * @param fails is asked with the number of the allocation, from 1 on, and the bytes in use
     */
    Scarce(Class<?> within, BiPredicate<Integer, Long> fails) {
      this.within = within;
      this.fails = fails;
    }

    private void before(String method) {
      if (!method.equals("allocate") || !calledBy(within)) {
        return;
      }
      peak = Math.max(peak, device.liveBytes());
      if (fails.test(++allocations, device.liveBytes())) {
        failed = true;
        throw new OutOfDeviceMemoryException(SIZES);
      }
    }

    private static boolean calledBy(Class<?> type) {
      return StackWalker.getInstance()
          .walk(frames -> frames.anyMatch(f -> f.getClassName().equals(type.getName())));
    }

    Trained train(TrainingPlan plan, Communicator c, Rows training, Rows validation) {
      try (var own = DefaultBackend.set(device.backend())) {
        return Workers.train(plan, c, training, validation);
      }
    }
  }

  private static Scarce scarce(int first, int howMany) {
    return new Scarce(BatchPieces.class, (n, used) -> n >= first && n < first + howMany);
  }

  private static Trained alone(Scarce device, TrainingPlan plan) {
    Communicator c = new SingleWorkerCommunicator();
    return device.train(plan, c, Workers.share(c, 0, 2 * BATCH), Workers.share(c, 0, 4));
  }

  private static void assertSame(Trained expected, Trained actual, String what) {
    for (int i = 0; i < expected.parameters().size(); i++) {
      assertArrayEquals(
          expected.parameters().get(i), actual.parameters().get(i), 1e-6f, what + ", " + i);
    }
    var epoch = expected.summary().epochs().get(0);
    var other = actual.summary().epochs().get(0);
    assertEquals(epoch.training().rows(), other.training().rows(), what);
    assertEquals(epoch.training().loss(), other.training().loss(), 1e-6, what);
    assertEquals(epoch.validation().rows(), other.validation().rows(), what);
    assertEquals(epoch.validation().loss(), other.validation().loss(), 1e-6, what);
  }

  @Test
  @DisplayName("wherever memory fails, halves give the same, and leave nothing in memory")
  void anywhere() {
    TrainingPlan plan = plan(OutOfMemory.SPLIT);
    Scarce plenty = scarce(0, 0);
    Trained expected = alone(plenty, plan);
    for (int at = 1; at <= plenty.allocations; at++) {
      Scarce scarce = scarce(at, 1);
      assertSame(expected, alone(scarce, plan), "at " + at);
      assertTrue(scarce.failed);
      assertEquals(plenty.device.liveBytes(), scarce.device.liveBytes(), "at " + at);
    }
    assertTrue(plenty.allocations > 50, "two steps and a validation allocate");
  }

  @Test
  @DisplayName("a rank that computes a step again does not disturb the others")
  void besideOtherRanks() throws Exception {
    for (int accumulation : new int[] {1, 2}) {
      TrainingPlan plan = plan(OutOfMemory.SPLIT, BATCH, accumulation);
      Scarce plenty = scarce(0, 0);
      Trained expected = onTwoRanks(plan, plenty).results().get(0);
      long bytes = onTwoRanks(plan, scarce(0, 0)).bytes();
      for (int at = 1; at <= plenty.allocations; at++) {
        var outcome = onTwoRanks(plan, scarce(at, 1));
        for (Trained actual : outcome.results()) {
          assertSame(expected, actual, "at " + at);
        }
        assertEquals(bytes, outcome.bytes(), "the same collective calls, at " + at);
      }
    }
  }

  private static LinksInMemory.Outcome<Trained> onTwoRanks(TrainingPlan plan, Scarce ofSecond)
      throws Exception {
    return LinksInMemory.run(2, c -> onOneOfTwo(plan, c, ofSecond));
  }

  private static Trained onOneOfTwo(TrainingPlan plan, Communicator c, Scarce ofSecond) {
    Rows training = Workers.share(c, 0, 4 * BATCH);
    Rows validation = Workers.share(c, 0, 8);
    return c.rank() == 1
        ? ofSecond.train(plan, c, training, validation)
        : Workers.train(plan, c, training, validation);
  }

  /** Rows, how many of them were asked for at once, and the memory in use then. */
  private record Watched(Rows rows, Scarce device, List<Integer> sizes, List<Long> used)
      implements Rows {
    Watched(Rows rows, Scarce device) {
      this(rows, device, new ArrayList<>(), new ArrayList<>());
    }

    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Batch batch(int[] order, int from, int to) {
      sizes.add(to - from);
      used.add(device.device.liveBytes());
      return rows.batch(order, from, to);
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }
  }

  @Test
  @DisplayName(
      "halves need the memory of halves, and no batch is tried whole after one that failed")
  void halvesFit() {
    Communicator c = new SingleWorkerCommunicator();
    Rows rows = Workers.share(c, 0, 3 * BATCH);
    Scarce whole = scarce(0, 0);
    whole.train(plan(OutOfMemory.FAIL), c, rows, Workers.none());
    Scarce halves = scarce(0, 0);
    halves.train(plan(OutOfMemory.FAIL, BATCH / 2, 2), c, rows, Workers.none());
    assertTrue(halves.peak < whole.peak);

    Scarce limited = new Scarce(BatchPieces.class, (n, used) -> used > halves.peak);
    Watched watched = new Watched(rows, limited);
    limited.train(plan(OutOfMemory.SPLIT), c, watched, Workers.none());
    assertTrue(limited.failed);
    // The first steps hold no state of the optimizer yet: which one fails first is not the point.
    int tried = Collections.frequency(watched.sizes, BATCH);
    List<Integer> expected = new ArrayList<>(Collections.nCopies(tried, BATCH));
    expected.addAll(Collections.nCopies(2 * (3 - (tried - 1)), BATCH / 2));
    assertEquals(expected, watched.sizes);
  }

  @Test
  @DisplayName("a step that begins again has the memory it had, also when it came to gradients")
  void nothingIsHeld() {
    Communicator c = new SingleWorkerCommunicator();
    int failures = 0;
    for (int at = 1; ; at++) {
      Scarce scarce = scarce(at, 1);
      Watched rows = new Watched(Workers.share(c, 0, BATCH), scarce);
      scarce.train(plan(OutOfMemory.SPLIT), c, rows, Workers.none());
      if (!scarce.failed) {
        break;
      }
      failures++;
      assertEquals(List.of(6, 3, 3), rows.sizes);
      assertEquals(rows.used.get(0), rows.used.get(1), "at " + at);
    }
    assertTrue(failures > 20, "forward and backward allocate");
  }

  @Test
  @DisplayName("an optimizer that has no memory ends all ranks with a sentence, in the first step")
  void optimizerDoesNotFit() throws Exception {
    Scarce device = new Scarce(Optimizer.class, (n, used) -> n == 2);
    List<Exception> failures = new ArrayList<>(List.of(new Exception(), new Exception()));
    LinksInMemory.run(
        2,
        c ->
            failures.set(
                c.rank(),
                assertThrows(
                    RuntimeException.class, () -> onOneOfTwo(plan(OutOfMemory.SPLIT), c, device))));
    assertInstanceOf(TrainingException.class, failures.get(0));
    assertInstanceOf(InputException.class, failures.get(1));
    assertEquals(
        List.of(
            "another worker could not go on",
            "optimizer: the step of sgd does not fit the device beside the network and its gradients (24 bytes wanted, 8 are free); use a smaller network, an optimizer that keeps less of each parameter (sgd without momentum keeps nothing), or give the device to fewer tasks."),
        failures.stream().map(Throwable::getMessage).toList());
  }

  @Test
  @DisplayName("rows whose batch is computed again are cached once")
  void frozenFeatures() {
    TrainingPlan small = plan(OutOfMemory.SPLIT);
    TrainingPlan plan =
        new TrainingPlan(
            small
                .network()
                .withFrozenLayers(List.of("fc1"))
                .withCacheFrozenFeatures(FeatureCache.ON),
            small.objective(),
            small.optimizer(),
            small.schedule(),
            small.validation(),
            new TrainingPlan.Passes(BATCH, Workers.EPOCHS, true, 5),
            small.device(),
            small.faults());
    Scarce plenty = scarce(0, 0);
    Trained expected = alone(plenty, plan);
    for (int at = 1; at <= plenty.allocations / Workers.EPOCHS; at++) {
      assertSame(expected, alone(scarce(at, 1), plan), "at " + at);
    }
  }

  @Test
  @DisplayName("fail says how many rows did not fit, and what to do: in training and validation")
  void fails() {
    TrainingPlan plan = plan(OutOfMemory.FAIL);
    Scarce plenty = scarce(0, 0);
    alone(plenty, plan);
    Set<String> sentences =
        IntStream.rangeClosed(1, plenty.allocations)
            .mapToObj(at -> assertThrows(InputException.class, () -> alone(scarce(at, 1), plan)))
            .map(Throwable::getMessage)
            .collect(Collectors.toSet());
    String sentence =
        "batchSize: a batch of %d rows does not fit the device (24 bytes wanted, 8 are free); lower batchSize or set onOutOfMemory=split.";
    assertEquals(Set.of(sentence.formatted(BATCH), sentence.formatted(4)), sentences);
  }

  @Test
  @DisplayName("split ends at one row")
  void oneRowDoesNotFit() {
    var e =
        assertThrows(InputException.class, () -> alone(scarce(1, 1000), plan(OutOfMemory.SPLIT)));
    assertEquals(
        "batchSize: a batch of 1 row does not fit the device (24 bytes wanted, 8 are free); use a smaller network, or give the device to fewer tasks.",
        e.getMessage());
  }

  @Test
  @DisplayName("split is refused where halves have another gradient than the whole")
  void batchNormIsRefused() {
    String network = Architecture.toJson(new Sequential(new Linear(4, 3), new BatchNorm1d(3)));
    TrainingPlan plan =
        Workers.with(Workers.plan(network, List.of(), 6), plan(OutOfMemory.SPLIT).device());
    var e =
        assertThrows(
            InputException.class, () -> Workers.train(plan, new SingleWorkerCommunicator()));
    assertEquals(
        "onOutOfMemory: split, but halves of a batch would not give the gradient of the whole: network.1 follows the statistics of the rows; set it to fail and choose batchSize, or freeze the layer with frozenBatchNorm=true.",
        e.getMessage());
  }
}
