// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.scaling;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.examples.Median;
import io.sparkgrad.examples.Version;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.optim.SGD;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Where does the ring's latency begin to hurt? Each worker keeps its batch while their number
 * grows; the time that it computes is measured here, what its connection costs is given.
 */
@Command(
    name = "simulate-ring",
    description =
        "Models training on 8 to 1,024 workers with the ring and with other ways to sum gradients.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class SimulateRing implements Callable<Integer> {
  private static final List<Integer> WORKERS = List.of(8, 16, 32, 64, 128, 256, 512, 1024);
  private static final int CLASSES = 10;

  /** So much longer than with the best way a step of the ring has to be to be called slow. */
  private static final double SLOW = 1.1;

  /** What the machine computes. */
  enum Network {
    SIMPLE_CNN("simple-cnn", 32, 64) {
      @Override
      Module create() {
        return SimpleCnn.create(3, 32, 32, CLASSES);
      }
    },
    RESNET_18("resnet-18", 64, 16) {
      @Override
      Module create() {
        return ResNet.resnet18(CLASSES);
      }
    };

    final String label;
    final int side;
    final int batchSize;

    Network(String label, int side, int batchSize) {
      this.label = label;
      this.side = side;
      this.batchSize = batchSize;
    }

    abstract Module create();
  }

  @Option(
      names = "--gbit",
      description = "of each worker's connection, per second",
      split = ",",
      defaultValue = "10,100")
  private List<Double> gigabits = List.of();

  @Option(
      names = "--latency-us",
      description = "of a small message from one worker to another",
      defaultValue = "60")
  private double latencyMicros;

  @Option(
      names = "--overhead-us",
      description = "for which a small message keeps its sender and receiver busy",
      defaultValue = "10")
  private double overheadMicros;

  @Option(
      names = "--adding-gb",
      description = "of floats a second that a thread adds to others",
      defaultValue = "4")
  private double addingGigabytes;

  @Option(names = "--threads", description = "that a worker computes with", defaultValue = "1")
  private int threads;

  @Option(names = "--steps", description = "to measure; the median counts", defaultValue = "15")
  private int steps;

  @Option(names = "--svg", description = "file to draw into")
  private @Nullable Path svg;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    ScalingPlot plot = new ScalingPlot(WORKERS);
    for (Network network : Network.values()) {
      TrainingCost cost = measured(network);
      print(
          "compute network=%s batch=%d threads=%d ms=%.1f megabytes=%.2f buckets=%d",
          cost.name(),
          network.batchSize,
          threads,
          cost.compute() * 1e3,
          cost.bytes() / 1e6,
          cost.buckets().size());
      for (double gbit : gigabits) {
        Link link =
            new Link(
                latencyMicros * 1e-6, overheadMicros * 1e-6, gbit * 1e9 / 8, addingGigabytes * 1e9);
        table(cost, gbit, link);
        plot.add(
            String.format(
                Locale.ROOT,
                "%s, %.0f ms a step, %.0f Gbit/s",
                cost.name(),
                cost.compute() * 1e3,
                gbit),
            cost,
            link);
      }
    }
    if (svg != null) {
      try {
        Files.writeString(svg, plot.svg());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return 0;
  }

  private TrainingCost measured(Network network) {
    Module module = network.create();
    double[] seconds = new double[steps];
    Tensor x = Tensor.randn(new Generator(1), network.batchSize, 3, network.side, network.side);
    long[] classes = new long[network.batchSize];
    Arrays.setAll(classes, i -> i % CLASSES);
    Tensor y = Tensor.of(classes);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    SGD sgd = new SGD(module.parameters(), SGD.Options.DEFAULT);
    try (var scope = CpuThreads.setNumThreads(threads)) {
      for (int i = -steps / 3 - 1; i < steps; i++) {
        long start = System.nanoTime();
        try (var step = TensorScope.open()) {
          sgd.zeroGrad();
          criterion.forward(module.call(x), y).backward();
          sgd.step();
        }
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - start) * 1e-9;
        }
      }
    }
    double median = Median.of(Arrays.stream(seconds));
    return TrainingCost.of(network.label, median, module, 1 << 20, 4 << 20);
  }

  private void table(TrainingCost cost, double gbit, Link link) {
    boolean isSlow = false;
    for (int n : WORKERS) {
      StringBuilder line = new StringBuilder();
      for (AllReduce a : AllReduce.values()) {
        line.append(String.format(Locale.ROOT, " %s=%.2f", a.label(), cost.efficiency(a, n, link)));
      }
      print("efficiency network=%s gbit=%.0f workers=%d%s", cost.name(), gbit, n, line);
      AllReduce best =
          Arrays.stream(AllReduce.values())
              .min(Comparator.comparingDouble(a -> cost.step(a, n, link)))
              .orElseThrow();
      double gain = cost.step(AllReduce.RING, n, link) / cost.step(best, n, link);
      if (!isSlow && gain > SLOW) {
        isSlow = true;
        print(
            "switch network=%s gbit=%.0f workers=%d to=%s faster=%.2f",
            cost.name(), gbit, n, best.label(), gain);
      }
    }
    if (!isSlow) {
      print("switch network=%s gbit=%.0f workers=none", cost.name(), gbit);
    }
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
