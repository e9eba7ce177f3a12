// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.LateGpu;
import io.sparkgrad.spark.allreduce.SingleWorkerCommunicator;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.DeviceSettings;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Validation on a GPU that is none, whose memory may fail. */
class EvaluatorTest {
  private static final int BATCH = 6;

  /** Two batches and a half. */
  private static final int ROWS = 15;

  private int allocations;

  /** The allocations that fail, counted from 1. */
  private Set<Integer> failing = Set.of();

  private LateGpu device(DeviceType type) {
    return new LateGpu(
        Backends.byName("java"),
        type,
        method -> {
          if (method.equals("allocate") && failing.contains(++allocations)) {
            throw new OutOfDeviceMemoryException("24 bytes wanted, 8 are free");
          }
        });
  }

  private EvaluationSums.Total evaluate(LateGpu device) {
    DeviceSettings split =
        new DeviceSettings(DevicePreference.AUTO, OutOfMemory.SPLIT, MatmulPrecision.FP32);
    TrainingPlan plan = Workers.with(Workers.plan(BATCH), split);
    allocations = Integer.MIN_VALUE; // those of the network do not count
    try (var own = DefaultBackend.set(device.backend())) {
      Module network = NetworkFactory.initialised(plan.network().architecture(), 5);
      network.eval();
      long before = device.liveBytes();
      device.events().clear();
      allocations = 0;
      EvaluationSums.Total total =
          new Evaluator(plan, network, rows()).evaluate(new SingleWorkerCommunicator(), () -> {});
      assertEquals(before, device.liveBytes());
      return total;
    }
  }

  private static Rows rows() {
    return new Workers.Numbered(IntStream.range(0, ROWS).boxed().toList());
  }

  private static List<String> events(String events) {
    return Arrays.asList(events.split(", "));
  }

  @Test
  @DisplayName("a GPU has the next batch before the loss and outputs of one are awaited")
  void beginsTheNextBatchFirst() {
    LateGpu gpu = device(DeviceType.GPU);
    LateGpu cpu = device(DeviceType.CPU);
    EvaluationSums.Total total = evaluate(gpu);
    assertEquals(ROWS, total.evaluation().rows());
    assertEquals(evaluate(cpu), total, "the same bits");
    assertEquals(
        events(
            "ask 0, ask 1, ask 2, ask 3, read 1, read 0, ask 4, ask 5, read 3, read 2, read 5, read 4"),
        gpu.events());
    assertEquals(
        events(
            "ask 0, ask 1, read 1, read 0, ask 2, ask 3, read 3, read 2, ask 4, ask 5, read 5, read 4"),
        cpu.events());
  }

  @Test
  @DisplayName("wherever memory fails, also for the next piece of a half, each row counts once")
  void outOfMemory() {
    EvaluationSums.Total expected = evaluate(device(DeviceType.GPU));
    int all = allocations;
    assertTrue(all > 3 * 5, "three batches allocate");
    for (int at = 1; at <= all; at++) {
      assertSame(expected, Set.of(at));
      assertTrue(allocations > all);
    }
    int second = all / 2;
    for (int again = second + 1; again <= allocations; again++) {
      assertSame(expected, Set.of(second, again));
    }
  }

  private void assertSame(EvaluationSums.Total expected, Set<Integer> failures) {
    failing = failures;
    EvaluationSums.Total actual = evaluate(device(DeviceType.GPU));
    String what = failures.toString();
    assertEquals(ROWS, actual.evaluation().rows(), what);
    assertEquals(expected.weight(), actual.weight(), what);
    assertEquals(expected.confusion(), actual.confusion(), what);
    assertEquals(expected.evaluation().loss(), actual.evaluation().loss(), 1e-6, what);
  }
}
