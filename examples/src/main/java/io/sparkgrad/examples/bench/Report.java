// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
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

  /**
   * Adds what the candidates made of a workload.
   *
   * @return whether Sparkgrad's step misses a {@link Bar}: a profile is then worth its time
   */
  boolean add(Workload workload, int threads, List<Lane> lanes, @Nullable Peak peak) {
    table(workload, threads, lanes);
    Lane own = lanes.get(0);
    String key = key(workload, threads);
    OptionalDouble ratio = ratio(key, own, lanes.subList(1, lanes.size()));
    boolean misses = misses(key, ratio, Bar.of(workload, threads));
    misses |= frozenShare(workload, threads, own);
    if (peak != null && workload.kind().trains()) {
      floor(key, workload, own, peak);
    }
    lanes.forEach(lane -> check(key, lane));
    failed |= lanes.stream().anyMatch(Lane::failed);
    out.flush();
    return misses;
  }

  /** Adds where the time of Sparkgrad's step goes, to a per cent of it. */
  void add(Workload workload, int threads, Profile profile) {
    for (Profile.Share share : profile.shares()) {
      if (share.part() >= 0.01) {
        String line = "profile %s op=%s share=%.2f%n";
        print(line, key(workload, threads), share.operation(), share.part());
      }
    }
    out.flush();
  }

  private static String key(Workload workload, int threads) {
    return "workload=%s threads=%d".formatted(workload.name(), threads);
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

  /** The fastest peer's median and best over ours, of those peers that compute the same. */
  private OptionalDouble ratio(String key, Lane own, List<Lane> peers) {
    List<Timings> right = new ArrayList<>();
    for (Lane peer : peers) {
      if (peer.timings() != null && peer.computesTheSame()) {
        right.add(peer.timings());
      }
    }
    Timings t = own.timings();
    if (t == null || right.isEmpty()) {
      print("ratio %s value=- best=-%n", key);
      return OptionalDouble.empty();
    }
    double value = right.stream().mapToDouble(Timings::median).min().orElseThrow() / t.median();
    double best = right.stream().mapToDouble(Timings::best).min().orElseThrow() / t.best();
    print("ratio %s value=%.2f best=%.2f%n", key, value, best);
    return OptionalDouble.of(value);
  }

  /** Says so where a ratio stays below its bar. */
  private boolean misses(String key, OptionalDouble ratio, OptionalDouble bar) {
    if (ratio.isEmpty() || bar.isEmpty() || ratio.getAsDouble() >= bar.getAsDouble()) {
      return false;
    }
    print("miss %s bar=%.2f value=%.2f%n", key, bar.getAsDouble(), ratio.getAsDouble());
    return true;
  }

  /** Freezing has to pay: a frozen step's part of the whole one's time, if both were measured. */
  private boolean frozenShare(Workload workload, int threads, Lane own) {
    Timings t = own.timings();
    if (t == null) {
      return false;
    }
    medians.put(workload.name() + threads, t.median());
    String whole = workload.name().replace("-frozen-", "-train-");
    Double other = medians.get(whole + threads);
    if (other == null || whole.equals(workload.name())) {
      return false;
    }
    double share = t.median() / other;
    print("share %s of=%s value=%.2f%n", key(workload, threads), whole, share);
    if (share <= Bar.FROZEN_SHARE) {
      return false;
    }
    print("miss %s share_bar=%.2f share=%.2f%n", key(workload, threads), Bar.FROZEN_SHARE, share);
    return true;
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
      String end = own ? "" : ": it does not count as a peer";
      String text = "%s differs by more than %.0e from %s%s%n";
      print(text, who, Difference.LIMIT, Candidates.REFERENCE, end);
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
