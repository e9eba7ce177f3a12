// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.benchmark;

import java.io.IOException;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/** Runs the benchmarks with JMH's own options, then prints what each time is in GFLOP/s. */
public final class KernelBenchmarks {
  private KernelBenchmarks() {}

  /** Of which benchmarks and with which options, {@code -h} tells. */
  public static void main(String[] args)
      throws RunnerException, CommandLineOptionException, IOException {
    CommandLineOptions options = new CommandLineOptions(args);
    if (options.shouldHelp()) {
      options.showHelp();
    } else if (options.shouldList()) {
      new Runner(options).list();
    } else {
      new Runner(options).run().forEach(KernelBenchmarks::print);
    }
  }

  private static void print(RunResult result) {
    BenchmarkParams benchmark = result.getParams();
    String name = benchmark.getBenchmark();
    String shape = benchmark.getParam("shape");
    long flops =
        name.contains(ProductBenchmark.class.getSimpleName())
            ? ProductShape.valueOf(shape).flops()
            : ConvolutionShape.valueOf(shape).flops();
    double micros = result.getPrimaryResult().getScore();
    System.out.printf(
        Locale.ROOT,
        "kernel shape=%s pass=%s backend=%s us=%.2f gflops=%.1f%n",
        shape,
        name.substring(name.lastIndexOf('.') + 1),
        benchmark.getParam("backend"),
        micros,
        flops / micros / 1e3);
  }
}
