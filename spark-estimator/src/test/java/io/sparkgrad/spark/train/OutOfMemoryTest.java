// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.allreduce.SingleWorkerCommunicator;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.DeviceSettings;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Training on a device whose memory fails at an allocation of the test's choice. */
class BatchPiecesTest {
  private static TrainingPlan plan(OutOfMemory onOutOfMemory, int batchSize) {
    return Workers.with(
        Workers.plan(batchSize),
        new DeviceSettings(DevicePreference.AUTO, onOutOfMemory, MatmulPrecision.FP32));
  }

  /** A device that fails at some of its allocations in forward and backward of the first batch. */
  private static final class Scarce {
    private final int first;
    private final int howMany;
    private boolean begun;
    private boolean ended;
    private int allocations;
    boolean failed;

    /**
     * Allocations are counted from the first layer on, until the rows of a second batch are read.
     */
    Scarce(int first, int howMany) {
      this.first = first;
      this.howMany = howMany;
    }

    private void before(String method) {
      begun |= method.equals("linear");
      if (method.equals("allocate") && begun && !ended) {
        List<String> callers =
            StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName).toList());
        boolean readsRows = callers.contains(Workers.Numbered.class.getName());
        ended = readsRows && !failed;
        if (callers.contains(BatchPieces.class.getName()) && !readsRows) {
          count();
        }
      }
    }

    private void count() {
      allocations++;
      if (allocations >= first && allocations < first + howMany) {
        failed = true;
        throw new OutOfDeviceMemoryException("24 bytes wanted, 8 are free");
      }
    }

    /** The parameters that come out. */
    List<float[]> train(TrainingPlan plan, Communicator c) {
      Backend backend = new CountingBackend(Backends.byName("java"), this::before).backend();
      try (var device = DefaultBackend.set(backend)) {
        return Workers.train(plan, c).parameters();
      }
    }
  }

  private static void assertClose(List<float[]> expected, List<float[]> actual, String what) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), 1e-6f, what + ", parameter " + i);
    }
  }

  @Test
  @DisplayName("wherever memory fails in the first step, halves give the gradient of the whole")
  void anywhereInTheStep() throws Exception {
    for (int ranks : new int[] {1, 2}) {
      for (int accumulation : new int[] {1, 2}) {
        TrainingPlan plan = plan(OutOfMemory.SPLIT, 6);
        TrainingPlan accumulating =
            Workers.with(
                plan,
                plan.optimizer()
                    .withGradients(new OptimizerSettings.Gradients(0, 0, accumulation)));
        List<float[]> expected =
            LinksInMemory.run(ranks, c -> Workers.train(accumulating, c).parameters())
                .results()
                .get(0);
        boolean failed = true;
        int at = 0;
        while (failed) {
          Scarce scarce = new Scarce(++at, 1);
          List<float[]> actual =
              LinksInMemory.run(
                      ranks,
                      c ->
                          c.rank() == 0
                              ? scarce.train(accumulating, c)
                              : Workers.train(accumulating, c).parameters())
                  .results()
                  .get(0);
          assertClose(expected, actual, "%d ranks, at %d".formatted(ranks, at));
          failed = scarce.failed;
        }
        assertTrue(at > 10, "forward and backward allocate");
      }
    }
  }

  @Test
  @DisplayName("fail says how many rows did not fit, and what to do")
  void fails() {
    var e =
        assertThrows(
            InputException.class,
            () ->
                new Scarce(3, 1).train(plan(OutOfMemory.FAIL, 6), new SingleWorkerCommunicator()));
    assertEquals(
        "batchSize: 6 rows do not fit the device (24 bytes wanted, 8 are free); lower batchSize or set onOutOfMemory=split.",
        e.getMessage());
  }

  @Test
  @DisplayName("split ends at one row")
  void oneRowDoesNotFit() {
    var e =
        assertThrows(
            InputException.class,
            () ->
                new Scarce(3, 1000)
                    .train(plan(OutOfMemory.SPLIT, 6), new SingleWorkerCommunicator()));
    assertEquals(
        "batchSize: 1 rows do not fit the device (24 bytes wanted, 8 are free); use a smaller network, or give the device to fewer tasks.",
        e.getMessage());
  }

  @Test
  @DisplayName("split is refused where halves have another gradient than the whole")
  void batchNormIsRefused() {
    String network = Architecture.toJson(new Sequential(new Linear(4, 3), new BatchNorm1d(3)));
    TrainingPlan plan =
        Workers.with(Workers.plan(network, List.of(), 6), plan(OutOfMemory.SPLIT, 6).device());
    var e =
        assertThrows(
            InputException.class, () -> Workers.train(plan, new SingleWorkerCommunicator()));
    assertEquals(
        "onOutOfMemory: split, but halves of a batch would not give the gradient of the whole: network.1 follows the statistics of the rows; set it to fail and choose batchSize, or freeze the layer with frozenBatchNorm=true.",
        e.getMessage());
  }
}
