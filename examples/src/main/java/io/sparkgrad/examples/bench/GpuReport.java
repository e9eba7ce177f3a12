// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.backend.MatmulPrecision;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Prints a table of each workload and, for other programs to read, lines of {@code name=value}. The
 * first lane is Sparkgrad's, the second the peer's.
 */
final class GpuReport {
  private final PrintWriter out;
  private final OptionalDouble peakTflops;
  private boolean failed;

  /**
   * Of one precision.
   *
   * @param peakTflops what the card can do in this precision, if that is known
   */
  GpuReport(PrintWriter out, OptionalDouble peakTflops) {
    this.out = out;
    this.peakTflops = peakTflops;
  }

  /** Whether Sparkgrad failed or did not compute what the peer does. */
  boolean failed() {
    return failed;
  }

  void add(Workload workload, MatmulPrecision precision, List<Lane> lanes) {
    String key = "workload=%s precision=%s".formatted(workload.name(), precision);
    print("%n%s, %s%n", workload.name(), precision);
    print("  %-14s %12s %12s %8s  %s%n", "candidate", "median", "best", "samples", "");
    for (Lane lane : lanes) {
      Timings t = lane.timings();
      if (t == null) {
        print("  %-14s %12s %12s %8s  %s%n", lane.candidate(), "-", "-", "-", lane.reason());
      } else {
        String median = Report.duration(t.median());
        String best = Report.duration(t.best());
        print(
            "  %-14s %12s %12s %8d  %s%n", lane.candidate(), median, best, t.steps(), lane.about());
      }
    }
    ratio(key, lanes);
    peak(key, workload, lanes);
    check(key, precision, lanes.get(0));
    failed |= lanes.get(0).failed();
    out.flush();
  }

  /** The peer's time over ours. */
  private void ratio(String key, List<Lane> lanes) {
    Timings own = lanes.get(0).timings();
    Timings peer = lanes.size() > 1 ? lanes.get(1).timings() : null;
    if (own == null || peer == null) {
      print("ratio %s value=- best=-%n", key);
    } else {
      double best = (double) peer.best() / own.best();
      print("ratio %s value=%.2f best=%.2f%n", key, peer.median() / own.median(), best);
    }
  }

  private void peak(String key, Workload workload, List<Lane> lanes) {
    OptionalDouble flops = GpuWorkloads.flops(workload);
    for (Lane lane : lanes) {
      Timings t = lane.timings();
      if (flops.isPresent() && t != null) {
        double tflops =
            flops.getAsDouble() * Workload.Kind.REPEATS / t.median() / 1e3; // per nanosecond
        String share =
            peakTflops.isEmpty()
                ? "-"
                : String.format(Locale.ROOT, "%.2f", tflops / peakTflops.getAsDouble());
        String line = "peak %s candidate=%s tflops=%.2f share=%s%n";
        print(line, key, lane.candidate(), tflops, share);
      }
    }
  }

  private void check(String key, MatmulPrecision precision, Lane own) {
    Difference d = own.difference();
    if (d == null) {
      return;
    }
    print("check %s max_output_diff=%.1e max_grad_diff=%.1e%n", key, d.output(), d.gradient());
    Difference limit = limit(precision);
    if (!(d.output() <= limit.output() && d.gradient() <= limit.gradient())) {
      failed = true;
      String text = "%s differs by more than %.0e or, in gradients, %.0e from the peer%n";
      print(text, own.candidate(), limit.output(), limit.gradient());
    }
  }

  /**
   * What two right candidates may differ by. Gradients jump where the input of a relu changes its
   * sign: PyTorch's and ours on a CPU lie 8e-3 apart in ResNet-18, and 0.54 if PyTorch's is in
   * bf16.
   */
  private static Difference limit(MatmulPrecision precision) {
    return switch (precision) {
      case FP32 -> new Difference(Difference.LIMIT, 2e-2);
      case TF32 -> new Difference(1e-2, 2e-1);
      case BF16 -> new Difference(1e-1, 9e-1);
    };
  }

  private void print(String format, Object... arguments) {
    out.printf(Locale.ROOT, format, arguments);
  }
}
