// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.examples.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures Sparkgrad's CPU backend against libtorch and DJL; see {@link Race} for how. */
@Command(
    name = "bench-cpu",
    description = "Measures training and inference on the CPU against libtorch and DJL.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class BenchCpu implements Callable<Integer> {
  private static final Race.Schedule PEAK = new Race.Schedule(2, 0.5, 1);

  @Option(
      names = "--threads",
      description = "how many threads a candidate may use; a table for each",
      split = ",",
      defaultValue = "1")
  private List<Integer> threads = List.of();

  @Option(
      names = "--peak-gflops",
      description = "of the machine with these threads; 0 measures it by a matrix product",
      defaultValue = "0")
  private double peakGflops;

  @Mixin private RaceOptions options = new RaceOptions(new Race.Schedule(7, 2, 5));

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<String> candidates = Candidates.names();
    List<Workload> chosen = options.chosen(Workloads.all());
    requireThreads();
    if (candidates.size() == 1) {
      out.println("No peer is on the class path: build with the Maven profile 'bench'.");
    }
    Race race = new Race(candidates, options.schedule());
    Report report = new Report(out);
    for (int count : threads) {
      Report.Peak peak = peak(out, candidates, count);
      for (Workload workload : chosen) {
        if (report.add(workload, count, race.run(workload, count), peak)) {
          report.add(workload, count, race.profile(workload, count));
        }
      }
    }
    return report.failed() ? 1 : 0;
  }

  private void requireThreads() {
    if (threads.stream().anyMatch(n -> n < 1)) {
      throw new IllegalArgumentException("expected --threads of at least 1, got " + threads);
    }
  }

  /** The fastest candidate's best product, unless it is given. */
  private Report.@Nullable Peak peak(PrintWriter out, List<String> candidates, int count)
      throws IOException {
    Report.Peak peak = null;
    if (peakGflops > 0) {
      peak = new Report.Peak(peakGflops, "option");
    } else {
      for (Lane lane : new Race(candidates, PEAK).run(Workloads.GEMM, count)) {
        Timings t = lane.timings();
        double gflops = t == null ? 0 : Arithmetic.flops(Workloads.GEMM) / t.best();
        if (peak == null || gflops > peak.gflops()) {
          peak = new Report.Peak(gflops, lane.candidate());
        }
      }
    }
    if (peak != null) {
      out.printf(
          Locale.ROOT, "peak threads=%d gflops=%.1f by=%s%n", count, peak.gflops(), peak.shownBy());
      out.flush();
    }
    return peak;
  }
}
