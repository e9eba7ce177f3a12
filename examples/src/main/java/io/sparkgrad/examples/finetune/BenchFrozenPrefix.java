// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.examples.Median;
import io.sparkgrad.examples.Version;
import io.sparkgrad.spark.AutogradClassificationModel;
import io.sparkgrad.spark.summary.EpochSummary;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What the cache of the frozen prefix brings to the fine-tuning of {@link FineTune}: the same fits
 * with and without it, in turn, compared by the epochs after the first, which fills the cache. Both
 * must end with the same weights, to the bit.
 */
@Command(
    name = "bench-frozen-prefix",
    description =
        "Measures the epochs of the fine-tuning with and without the cache of frozen features.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class BenchFrozenPrefix implements Callable<Integer> {
  private static final String WORKLOAD = "frozen-prefix-epoch";
  private static final double BAR = 5;

  @Mixin private DigitTask task = new DigitTask();

  @Option(
      names = "--epochs",
      description = "of each fit, at least 2; all but the first count",
      defaultValue = "8")
  private int epochs;

  @Option(names = "--rounds", description = "turns of the two that count", defaultValue = "3")
  private int rounds;

  @Option(names = "--warm-up", description = "turns that do not count", defaultValue = "1")
  private int warmUp;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (epochs < 2 || rounds < 1) {
      throw new IllegalArgumentException(
          "expected --epochs of at least 2 and --rounds of at least 1, got %d and %d"
              .formatted(epochs, rounds));
    }
    List<Double> off = new ArrayList<>();
    List<Double> on = new ArrayList<>();
    long differing = 0;
    try (SparkSession spark = task.session()) {
      Dataset<Row> images = task.training(spark).cache();
      for (int round = -warmUp; round < rounds; round++) {
        AutogradClassificationModel without = fit("off", images);
        AutogradClassificationModel with = fit("on", images);
        differing += differing(without, with);
        if (round >= 0) {
          off.addAll(laterEpochs(without));
          on.addAll(laterEpochs(with));
        }
      }
    }
    print("check workload=%s weights differing=%d", WORKLOAD, differing);
    print("time workload=%s cache=off median=%.5f", WORKLOAD, Median.of(off));
    print("time workload=%s cache=on median=%.5f", WORKLOAD, Median.of(on));
    double value = Median.of(off) / Median.of(on);
    print("ratio workload=%s workers=%d value=%.2f", WORKLOAD, task.workers(), value);
    if (value < BAR) {
      print("miss workload=%s bar=%.2f value=%.2f", WORKLOAD, BAR, value);
    }
    return differing == 0 ? 0 : 1;
  }

  private AutogradClassificationModel fit(String cache, Dataset<Row> images) {
    PipelineModel model = task.backbone(epochs, cache).fit(images);
    return (AutogradClassificationModel) model.stages()[model.stages().length - 1];
  }

  /** Seconds of each. */
  private static List<Double> laterEpochs(AutogradClassificationModel model) {
    return model.summary().epochs().stream()
        .skip(1)
        .map(EpochSummary::time)
        .map(EpochSummary.Time::total)
        .toList();
  }

  /** How many tensors of the networks do not have the same bits. */
  private static long differing(AutogradClassificationModel a, AutogradClassificationModel b) {
    Map<String, Tensor> other = b.module().stateDict();
    return a.module().stateDict().entrySet().stream()
        .filter(
            e -> {
              Tensor match = other.get(e.getKey());
              return match == null
                  || !Arrays.equals(e.getValue().toDoubleArray(), match.toDoubleArray());
            })
        .count();
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format + "%n", arguments);
    out.flush();
  }
}
