// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Param {@code device} in local mode, on GPUs that compute as the CPU does. */
class DeviceTest {
  private static SparkSession spark;
  private static Dataset<Row> data;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
    data = Toys.triangle(spark, 40, 2).cache();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static AutogradClassifier classifier(String device) {
    return Toys.classifier().setNumWorkers(2).setMaxIter(2).setDevice(device);
  }

  private static List<String> predictions(AutogradClassificationModel model) {
    return model.transform(data).select("probability").collectAsList().stream()
        .map(Row::toString)
        .toList();
  }

  @ParameterizedTest
  @DisplayName("each worker has a GPU of its own, and weights and predictions are the same bits")
  @ValueSource(strings = {"gpu", "auto"})
  void sameBitsOnGpus(String device) throws Exception {
    AutogradClassificationModel onCpu = classifier("cpu").fit(data);
    Map<String, String> expected = Toys.weights(onCpu);
    List<String> expectedRows = predictions(onCpu);
    int before0 = FakeGpus.calls(0, "linear");
    int before1 = FakeGpus.calls(1, "linear");
    try (var gpus = FakeGpus.plugIn(2)) {
      AutogradClassificationModel model = classifier(device).fit(data);
      assertEquals(expected, Toys.weights(model));
      int after = FakeGpus.calls(0, "linear");
      assertTrue(after > before0, "rank 0 computes on GPU 0");
      assertTrue(FakeGpus.calls(1, "linear") > before1, "rank 1 computes on GPU 1");
      assertEquals(expectedRows, predictions(model));
      assertTrue(FakeGpus.calls(0, "linear") > after, "transform computes on GPU 0");
    }
  }

  @Test
  @DisplayName("device=cpu leaves a GPU alone")
  void cpuIsCpu() throws Exception {
    int before = FakeGpus.calls(0, "linear");
    try (var gpus = FakeGpus.plugIn(1)) {
      predictions(classifier("cpu").fit(data));
    }
    assertEquals(before, FakeGpus.calls(0, "linear"));
  }

  @Test
  @DisplayName("device=gpu without one names rank, host and reason, and what to set")
  void refusedWithoutOne() {
    var e = assertThrows(RuntimeException.class, () -> classifier("gpu").fit(data));
    assertEquals(
        "device: gpu is asked for, but rank 0 (host 127.0.0.1) cannot use one: fake: none is plugged in; set device to auto or cpu.",
        e.getMessage());
  }

  @Test
  void transformIsRefusedWithoutOne() throws Exception {
    AutogradClassificationModel model = classifier("cpu").fit(data).setDevice("gpu");
    var e = assertThrows(Exception.class, () -> predictions(model));
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertEquals(
        "device: gpu is asked for, but cannot be used: fake: none is plugged in; set device to auto or cpu.",
        cause.getMessage());
  }
}
