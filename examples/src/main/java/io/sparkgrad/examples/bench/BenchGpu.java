// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.examples.Version;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures the GPU backend against PyTorch on the same card, eager and channels last, if there is a
 * Python that has it; see {@link Race} for how.
 */
@Command(
    name = "bench-gpu",
    description = "Measures training, inference and kernels on the GPU against PyTorch.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class BenchGpu implements Callable<Integer> {
  static final String PEER = "pytorch";

  /** The exit code where there is no GPU: nothing was measured. */
  static final int NO_GPU = 3;

  private static final String SCRIPT = "gpu_peer.py";

  @Option(
      names = "--precisions",
      description = "fp32, tf32, bf16; a table for each",
      split = ",",
      defaultValue = "fp32,tf32,bf16")
  private List<String> precisions = List.of();

  @Option(names = "--python", description = "a Python with torch", defaultValue = "python3")
  private String python = "";

  @Mixin private RaceOptions options = new RaceOptions(new Race.Schedule(7, 1, 3));

  @Spec private CommandSpec spec;

  /** For hosts where the rest of the examples is not: the archive of gpu-tests. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new BenchGpu()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (Backends.gpu(0).isEmpty()) {
      out.println("no GPU: " + Backends.gpuUnavailableReason());
      return NO_GPU;
    }
    List<Workload> chosen = options.chosen(GpuWorkloads.all());
    Race.Schedule schedule = options.schedule();
    String card = GpuCard.driversName();
    boolean failed = false;
    Path script = script();
    try {
      for (String name : precisions) {
        MatmulPrecision precision = MatmulPrecision.parse(name);
        OptionalDouble peak = GpuCard.tflops(card, precision);
        out.printf("card '%s' precision=%s peak_tflops=%s%n", card, precision, peak);
        GpuReport report = new GpuReport(out, peak);
        Race race = new Race(entrants(precision, script), PEER, schedule);
        for (Workload workload : chosen) {
          report.add(workload, precision, race.run(workload, 1));
        }
        failed |= report.failed();
      }
    } finally {
      Files.delete(script);
    }
    return failed ? 1 : 0;
  }

  private List<Race.Entrant> entrants(MatmulPrecision precision, Path script) {
    List<Race.Entrant> entrants = new ArrayList<>();
    entrants.add(
        new Race.Entrant(
            Sparkgrad.GPU_NAME,
            false,
            threads ->
                CandidateProcess.start(
                    Sparkgrad.GPU_NAME, threads, "-Dsparkgrad.precision=" + precision)));
    List<String> command = List.of(python, script.toString(), precision.toString());
    if (startsPython()) {
      entrants.add(new Race.Entrant(PEER, true, threads -> CandidateProcess.start(command)));
    }
    return entrants;
  }

  private boolean startsPython() {
    try (CandidateProcess process = CandidateProcess.start(List.of(python, "--version"))) {
      return true;
    } catch (IOException notInstalled) {
      spec.commandLine().getOut().printf("no peer: %s%n", notInstalled.getMessage());
      return false;
    }
  }

  /** The peer's program, in a file of its own. */
  static Path script() throws IOException {
    Path script = Files.createTempFile("gpu_peer", ".py");
    try (InputStream in = BenchGpu.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IllegalStateException("missing in the jar: " + SCRIPT);
      }
      Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
    }
    return script;
  }
}
