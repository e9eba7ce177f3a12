// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import io.sparkgrad.examples.Version;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.AutogradClassificationModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Fine-tunes a pretrained MobileNetV4 on a few handwritten digits: the backbone is frozen, a new
 * linear head is trained by two executors. The same head on raw pixels shows what the backbone
 * brings.
 */
@Command(
    name = "fine-tune",
    description =
        "Fine-tunes a pretrained CNN on real images with two executors, saves and applies it.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class FineTune implements Callable<Integer> {
  @Mixin private DigitTask task = new DigitTask();

  @Option(names = "--epochs", description = "passes over the training images", defaultValue = "60")
  private int epochs;

  @Option(
      names = "--test-per-class",
      description = "held-back images of each digit, at most 500 less --per-class",
      defaultValue = "100")
  private int testPerClass;

  @Option(
      names = "--output",
      description = "where the fitted pipeline is saved; an older one there is replaced",
      defaultValue = "${sparkgrad.examples.output:-examples/target/fine-tune}")
  private Path output = Path.of("");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    requireReplaceable(output);
    try (SparkSession spark = task.session()) {
      Dataset<Row> train = task.training(spark).cache();
      Dataset<Row> test = task.heldBack(spark, testPerClass);
      out.printf(
          "%d training and %d held-back images of %d×%d pixels in %d classes; %d workers on %s%n",
          train.count(),
          test.count(),
          DigitSheet.CELL,
          DigitSheet.CELL,
          DigitTask.CLASSES,
          task.workers(),
          task.master());

      int size = task.size();
      out.printf("%nfrozen backbone, new head, on images scaled to %d×%d%n", size, size);
      PipelineModel tuned = task.backbone(epochs, "auto").fit(train);
      AutogradClassificationModel network = network(tuned);
      describe(out, network);
      String path = save(tuned);
      PipelineModel loaded = PipelineModel.load(path);
      double withBackbone = accuracy(loaded.transform(test));
      out.printf("saved to %s, loaded again and applied to the held-back images%n", path);

      out.printf("%nthe same head on raw pixels%n");
      double onPixels = accuracy(task.onPixels(head(), epochs).fit(train).transform(test));
      out.printf("%nthe fit behind the frozen backbone%n%s", network.summary());
      out.printf("report: %s%n", report(network));
      out.printf(
          "%naccuracy frozen-backbone=%.2f%naccuracy raw-pixels=%.2f%n", withBackbone, onPixels);
      return 0;
    }
  }

  private static void requireReplaceable(Path path) throws IOException {
    if (!Files.exists(path) || Files.isDirectory(path.resolve("metadata"))) {
      return;
    }
    try (Stream<Path> content = Files.isDirectory(path) ? Files.list(path) : Stream.of(path)) {
      if (content.findAny().isPresent()) {
        throw new IllegalArgumentException(
            "--output: %s is there and is no saved pipeline; it would be lost, so choose another path."
                .formatted(path));
      }
    }
  }

  private static Module head() {
    return Sequential.builder()
        .add("head", new Linear(DigitSheet.CELL * DigitSheet.CELL, DigitTask.CLASSES))
        .build();
  }

  private static double accuracy(Dataset<Row> predicted) {
    return new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(predicted);
  }

  private String save(PipelineModel model) throws IOException {
    String path = output.toAbsolutePath().normalize().toString();
    model.write().overwrite().save(path);
    return path;
  }

  /** Writes the summary beside the pipeline, as a page for a browser. */
  private Path report(AutogradClassificationModel model) throws IOException {
    Path pipeline = output.toAbsolutePath().normalize();
    Path page = pipeline.resolveSibling(pipeline.getFileName() + "-report.html");
    return Files.writeString(page, model.summary().toHtml());
  }

  private static AutogradClassificationModel network(PipelineModel model) {
    PipelineStage[] stages = model.stages();
    return (AutogradClassificationModel) stages[stages.length - 1];
  }

  /** Which parameters were frozen, a line for each block of layers, and which were trained. */
  private static void describe(PrintWriter out, AutogradClassificationModel model) {
    Map<String, long[]> frozenBlocks = new LinkedHashMap<>();
    StringBuilder trained = new StringBuilder();
    List<String> frozenNames = model.frozenParameters();
    model
        .module()
        .namedParameters()
        .forEach(
            (name, p) -> {
              if (frozenNames.contains(name)) {
                long[] counts = frozenBlocks.computeIfAbsent(block(name), b -> new long[2]);
                counts[0]++;
                counts[1] += p.numel();
              } else {
                trained.append(' ').append(name);
              }
            });
    out.println("frozen, neither stepped nor sent:");
    frozenBlocks.forEach(
        (block, counts) ->
            out.printf("  %-12s %2d parameters  %,7d values%n", block, counts[0], counts[1]));
    out.printf("trained:%s%n", trained);
  }

  /** {@code blocks.2.0.pw_exp.conv.weight} lies in block {@code blocks.2}. */
  private static String block(String parameter) {
    String[] parts = parameter.split("\\.", -1);
    return parts[0].equals("blocks") ? parts[0] + "." + parts[1] : parts[0];
  }
}
