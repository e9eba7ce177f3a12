// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import io.sparkgrad.examples.bench.BenchCpu;
import io.sparkgrad.examples.bench.BenchGpu;
import io.sparkgrad.examples.cluster.BenchCluster;
import io.sparkgrad.examples.finetune.BenchFrozenPrefix;
import io.sparkgrad.examples.finetune.FineTune;
import io.sparkgrad.examples.memory.BenchMemory;
import io.sparkgrad.examples.mllib.BenchMllib;
import io.sparkgrad.examples.scaling.SimulateRing;
import io.sparkgrad.examples.transform.BenchTransform;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line; without a name it lists the examples. */
@Command(
    name = "examples/run",
    description = "Runs one of Sparkgrad's examples.",
    synopsisSubcommandLabel = "EXAMPLE",
    commandListHeading = "%nExamples:%n",
    footer = {"", "examples/run EXAMPLE --help shows the options of one."},
    subcommands = {
      LinearRegression.class,
      FrozenConvolution.class,
      NoGradInference.class,
      FineTune.class,
      BenchCpu.class,
      BenchGpu.class,
      BenchMllib.class,
      BenchMemory.class,
      BenchFrozenPrefix.class,
      BenchTransform.class,
      BenchCluster.class,
      SimulateRing.class
    })
public final class Examples implements Runnable {
  @Spec private CommandSpec spec;

  private Examples() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** What {@link #main} executes. What goes wrong is said in one sentence. */
  public static CommandLine commandLine() {
    return new CommandLine(new Examples())
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              command.getErr().println(command.getCommandName() + ": " + failure.getMessage());
              if (Boolean.getBoolean("sparkgrad.examples.stacktrace")) {
                failure.printStackTrace(command.getErr());
              }
              return 1;
            });
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
