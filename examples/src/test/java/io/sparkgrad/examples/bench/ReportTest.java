// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Report.Peak PEAK = new Report.Peak(100, "libtorch");

  private final StringWriter text = new StringWriter();
  private final Report report = new Report(new PrintWriter(text));

  private static Lane ran(String name, long nanos, Difference difference) {
    return new Lane(name, "", new Timings(new long[] {nanos}), difference, "", false);
  }

  private static Lane missing(String name, String reason, boolean failed) {
    return new Lane(name, "", null, null, reason, failed);
  }

  private void add(String workload, Lane... lanes) {
    report.add(Workloads.named(workload), 1, List.of(lanes), PEAK);
  }

  private void assertLine(String line) {
    assertTrue(text.toString().lines().anyMatch(line::equals), line + " in " + text);
  }

  @Test
  void theRatioIsTheFastestPeersMedianOverOurs() {
    Difference same = new Difference(1e-6, 2e-5);
    add(
        "cnn-train-b32",
        ran("sparkgrad", 20_000_000, same),
        ran("libtorch", 30_400_000, null),
        ran("djl", 40_000_000, same));
    assertLine("ratio workload=cnn-train-b32 threads=1 value=1.52 best=1.52");
    assertLine(
        "check workload=cnn-train-b32 threads=1 max_output_diff=1.0e-06 max_grad_diff=2.0e-05");
    assertLine("  sparkgrad                   20.000 ms    20.000 ms        1  ");
    assertEquals(false, report.failed());
  }

  @Test
  void aPeerThatCannotIsADashWithItsReason() {
    add("encoder-train-b16", ran("sparkgrad", 20, null), missing("djl", "no attention", false));
    assertLine("  djl                                 -            -        -  no attention");
    assertLine("ratio workload=encoder-train-b16 threads=1 value=- best=-");
    assertEquals(false, report.failed());
  }

  @Test
  void aPeerThatBreaksFailsTheCommand() {
    add("mlp-infer-b32", ran("sparkgrad", 20, null), missing("djl", "it crashed", true));
    assertEquals(true, report.failed());
  }

  @Test
  void aDifferenceAboveTheLimitFailsTheCommand() {
    add("mlp-infer-b32", ran("sparkgrad", 20, new Difference(0.002, 0)));
    assertLine("sparkgrad differs by more than 1e-03 from libtorch");
    assertEquals(true, report.failed());
  }

  @Test
  void aPeersDifferenceIsSaidAndDoesNotFailTheCommand() {
    add(
        "mlp-infer-b32",
        ran("sparkgrad", 20, new Difference(0, 0)),
        ran("djl", 20, new Difference(0.1, 0)));
    assertLine("djl differs by more than 1e-03 from libtorch: it does not count as a peer");
    assertEquals(false, report.failed());
  }

  @Test
  void aPeerThatComputesSomethingElseIsNoPeer() {
    add(
        "mlp-infer-b32",
        ran("sparkgrad", 10, null),
        ran("djl", 5, new Difference(0.1, 0)),
        ran("libtorch", 20, null));
    assertLine("ratio workload=mlp-infer-b32 threads=1 value=2.00 best=2.00");
  }

  @Test
  void aRatioBelowItsBarIsAMiss() {
    Workload workload = Workloads.named("cnn-train-b32");
    List<Lane> lanes = List.of(ran("sparkgrad", 10, null), ran("libtorch", 12, null));
    assertEquals(true, report.add(workload, 1, lanes, null));
    assertLine("miss workload=cnn-train-b32 threads=1 bar=1.30 value=1.20");
    assertEquals(false, report.failed(), "a miss is a result");
    report.add(workload, 1, new Profile(List.of(new Profile.Share("Conv2d.forward", 0.7))));
    assertLine("profile workload=cnn-train-b32 threads=1 op=Conv2d.forward share=0.70");
  }

  @Test
  void aFrozenStepThatSavesTooLittleIsAMiss() {
    add("cnn-train-b32", ran("sparkgrad", 20_000_000, null));
    add("cnn-frozen-b32", ran("sparkgrad", 16_000_000, null));
    assertLine("miss workload=cnn-frozen-b32 threads=1 share_bar=0.75 share=0.80");
  }

  @Test
  void aFrozenStepIsComparedWithTheWholeOne() {
    add("cnn-train-b32", ran("sparkgrad", 20_000_000, null));
    add("cnn-frozen-b32", ran("sparkgrad", 14_000_000, null));
    assertLine("share workload=cnn-frozen-b32 threads=1 of=cnn-train-b32 value=0.70");
  }

  @Test
  void theFloorIsArithmeticOverThePeak() {
    add("mlp-train-b32", ran("sparkgrad", 1_000_000, null));
    // 2·32·(3·(784·256 + 256·128 + 128·10) − 784·256) = 32.23 MFLOP; over 100 GFLOP/s: 322.3 µs
    assertLine(
        "floor workload=mlp-train-b32 threads=1 mflop=32.23 peak_gflops=100.0 peak_by=libtorch"
            + " floor_us=322.3 times_floor=3.10");
  }
}
