// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.MatmulPrecision;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GpuReportTest {
  private final StringWriter written = new StringWriter();
  private final GpuReport report = new GpuReport(new PrintWriter(written), OptionalDouble.of(19.5));

  private static Lane lane(String name, long nanos, @Nullable Difference difference) {
    Timings timings = nanos == 0 ? null : new Timings(new long[] {nanos});
    return new Lane(name, "", timings, difference, nanos == 0 ? "not here" : "", false);
  }

  private void add(String workload, MatmulPrecision precision, Lane... lanes) {
    report.add(Workloads.named(workload), precision, List.of(lanes));
  }

  private void assertLine(String line) {
    assertTrue(written.toString().lines().anyMatch(line::equals), written.toString());
  }

  @Test
  @DisplayName("ratios are the peer's time over ours; kernels are ten calls and have a peak")
  void kernels() {
    Lane own = lane("sparkgrad-gpu", 200_000, new Difference(1e-6, 0));
    add("gemm-512", MatmulPrecision.FP32, own, lane("pytorch", 300_000, null));
    assertLine("ratio workload=gemm-512 precision=fp32 value=1.50 best=1.50");
    // 10 calls of 2·512³ in 0.2 ms
    assertLine(
        "peak workload=gemm-512 precision=fp32 candidate=sparkgrad-gpu tflops=13.42 share=0.69");
    assertFalse(report.failed());
  }

  @Test
  void withoutAPeerThereIsNoRatio() {
    add("cnn-train-b512", MatmulPrecision.TF32, lane("sparkgrad-gpu", 1000, null));
    assertLine("ratio workload=cnn-train-b512 precision=tf32 value=- best=-");
    add(
        "mlp-train-b512",
        MatmulPrecision.TF32,
        lane("sparkgrad-gpu", 1000, null),
        lane("pytorch", 0, null));
    assertLine("ratio workload=mlp-train-b512 precision=tf32 value=- best=-");
    assertTrue(written.toString().contains("not here"));
  }

  @Test
  void aDifferenceBeyondThePrecisionFails() {
    Lane own = lane("sparkgrad-gpu", 1000, new Difference(5e-3, 0.1));
    add("cnn-train-b32", MatmulPrecision.TF32, own, lane("pytorch", 1000, null));
    assertFalse(report.failed());
    add("cnn-train-b32", MatmulPrecision.FP32, own, lane("pytorch", 1000, null));
    assertTrue(report.failed());
    assertLine("sparkgrad-gpu differs by more than 1e-03 or, in gradients, 2e-02 from the peer");
  }

  @Test
  void cardsAreKnownByTheirNames() {
    assertEquals(
        OptionalDouble.of(156), GpuCard.tflops("NVIDIA A100-SXM4-80GB", MatmulPrecision.TF32));
    assertEquals(OptionalDouble.of(125), GpuCard.tflops("NVIDIA A10", MatmulPrecision.BF16));
    assertEquals(OptionalDouble.empty(), GpuCard.tflops("Tesla T4", MatmulPrecision.TF32));
    assertEquals(OptionalDouble.empty(), GpuCard.tflops("", MatmulPrecision.FP32));
  }

  @Test
  @DisplayName("the arithmetic of a layer by itself is that of its module")
  void flops() {
    for (String name : List.of("gemm-512", "conv-1x1-64-128-56", "conv-3x3-512-512-7")) {
      Workload w = Workloads.named(name);
      assertEquals(Arithmetic.flops(w), GpuWorkloads.flops(w).orElseThrow(), name);
    }
    assertEquals(OptionalDouble.empty(), GpuWorkloads.flops(Workloads.named("cnn-infer-b512")));
  }
}
