// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.gpu.cuda.CudaBackendProvider;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

/** The plugin as Spark runs it. The sentences hold while there are no CUDA kernels. */
class GpuExecutorPluginTest {
  private static final String NOT_USABLE =
      "executor driver: Spark assigned no GPU, backend cuda is not usable";
  private static final String REASON = new CudaBackendProvider().unavailableReason().orElseThrow();

  @Test
  void theApplicationRunsAndOneLineSaysWhere() {
    try (var log = new LogCapture("io.sparkgrad.gpu");
        var spark = new JavaSparkContext(conf())) {
      assertEquals(3, spark.parallelize(List.of(1, 2, 3), 2).count());
      assertEquals(
          List.of("WARN " + NOT_USABLE + ", so it computes on the CPU: " + REASON), log.lines());
    }
  }

  @Test
  void aRequiredGpuThatIsNotUsableEndsTheApplication() {
    assertEquals(
        NOT_USABLE
            + ": "
            + REASON
            + "; set spark.sparkgrad.gpu.required=false to compute on the CPU instead",
        refusal(IllegalStateException.class, conf().set("spark.sparkgrad.gpu.required", "true")));
  }

  @Test
  void aConfigurationThatWouldHangEndsTheApplication() {
    assertEquals(
        "spark.task.resource.gpu.amount is set, but master local[1] never assigns resources to"
            + " tasks, so every job would wait for ever: unset it, or use a cluster",
        refusal(
            IllegalArgumentException.class,
            conf()
                .set("spark.executor.resource.gpu.amount", "1")
                .set("spark.task.resource.gpu.amount", "1")));
  }

  @Test
  void aWrongSettingEndsTheApplication() {
    assertEquals(
        "spark.sparkgrad.gpu.required: expected auto, true or false, got 'maybe'",
        refusal(
            IllegalArgumentException.class, conf().set("spark.sparkgrad.gpu.required", "maybe")));
  }

  private static String refusal(Class<? extends Exception> type, SparkConf conf) {
    return assertThrows(type, () -> new SparkContext(conf).stop()).getMessage();
  }

  private static SparkConf conf() {
    return new SparkConf(false)
        .setMaster("local[1]")
        .setAppName("plugin")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.plugins", GpuExecutorPlugin.class.getName());
  }
}
