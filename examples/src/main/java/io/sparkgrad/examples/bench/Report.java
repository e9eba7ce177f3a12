// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prints a table and, for other programs to read, lines of {@code name=value} for each workload.
 * The first lane is Sparkgrad's.
 */
final class Report {
  private final PrintWriter out;
  private final Map<String, Double> medians = new HashMap<>();
  private boolean failed;

  Report(PrintWriter out) {
    this.out = out;
  }

  /** What the machine can do, and who showed it. */
  record Peak(double gflops, String shownBy) {}

  /** Whether a candidate failed or Sparkgrad did not compute what the reference does. */
  boolean failed() {
    return failed;
  }

  void add(Workload workload, int threads, List<Lane> lanes, @Nullable Peak peak) {
    table(workload, threads, lanes);
    Lane own = lanes.get(0);
    String key = "workload=%s threads=%d".formatted(workload.name(), threads);
    ratio(key, own, lanes.subList(1, lanes.size()));
    frozenShare(workload, threads, own);
    if (peak != null && workload.kind().trains()) {
      floor(key, workload, own, peak);
    }
    lanes.forEach(lane -> check(key, lane));
    failed |= lanes.stream().anyMatch(Lane::failed);
    out.flush();
  }

  private void table(Workload workload, int threads, List<Lane> lanes) {
    print("%n%s, threads: %d%n", workload.name(), threads);
    print("  %-24s %12s %12s %8s  %s%n", "candidate", "median", "best", "samples", "");
    for (Lane lane : lanes) {
      Timings t = lane.timings();
      if (t == null) {
        print("  %-24s %12s %12s %8s  %s%n", lane.candidate(), "-", "-", "-", lane.reason());
      } else {
        String median = duration(t.median());
        String best = duration(t.best());
        String about = lane.about();
        print("  %-24s %12s %12s %8d  %s%n", lane.candidate(), median, best, t.steps(), about);
      }
    }
  }

  private void ratio(String key, Lane own, List<Lane> peers) {
    Optional<Timings> fastest =
        peers.stream()
            .map(Lane::timings)
            .filter(t -> t != null)
            .min(Comparator.comparingDouble(Timings::median));
    Timings t = own.timings();
    if (t == null || fastest.isEmpty()) {
      print("ratio %s value=-%n", key);
    } else {
      print("ratio %s value=%.2f%n", key, fastest.get().median() / t.median());
    }
  }

  /** Freezing has to pay: a frozen step's part of the whole one's time, if both were measured. */
  private void frozenShare(Workload workload, int threads, Lane own) {
    Timings t = own.timings();
    if (t == null) {
      return;
    }
    medians.put(workload.name() + threads, t.median());
    String whole = workload.name().replace("-frozen-", "-train-");
    Double other = medians.get(whole + threads);
    if (other != null && !whole.equals(workload.name())) {
      String line = "share workload=%s threads=%d of=%s value=%.2f%n";
      print(line, workload.name(), threads, whole, t.median() / other);
    }
  }

  private void floor(String key, Workload workload, Lane own, Peak peak) {
    Timings t = own.timings();
    double flops = Arithmetic.flops(workload);
    double floor = flops / peak.gflops(); // FLOP over GFLOP/s: nanoseconds
    print(
        "floor %s mflop=%.4g peak_gflops=%.1f peak_by=%s floor_us=%.4g times_floor=%s%n",
        key,
        flops / 1e6,
        peak.gflops(),
        peak.shownBy(),
        floor / 1e3,
        t == null ? "-" : String.format(Locale.ROOT, "%.2f", t.median() / floor));
  }

  /** Of the peers too, for the reader to judge; only ours fails the command. */
  private void check(String key, Lane lane) {
    Difference d = lane.difference();
    if (d == null) {
      return;
    }
    boolean own = lane.candidate().equals(Sparkgrad.NAME);
    String line = "check %s max_output_diff=%.1e max_grad_diff=%.1e%s%n";
    String candidate = own ? "" : " candidate=" + lane.candidate();
    print(line, key, d.output(), d.gradient(), candidate);
    if (!d.acceptable()) {
      failed |= own;
      String who = lane.candidate();
      print("%s differs by more than %.0e from %s%n", who, Difference.LIMIT, Candidates.REFERENCE);
    }
  }

  static String duration(double nanos) {
    if (nanos < 1e3) {
      return String.format(Locale.ROOT, "%.0f ns", nanos);
    }
    return nanos < 1e6
        ? String.format(Locale.ROOT, "%.2f us", nanos / 1e3)
        : String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
  }

  private void print(String format, Object... arguments) {
    out.printf(Locale.ROOT, format, arguments);
  }
}
