// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import io.sparkgrad.examples.Version;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.models.MobileNetV4;
import io.sparkgrad.spark.AutogradClassificationModel;
import io.sparkgrad.spark.AutogradClassifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import picocli.CommandLine.Command;
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
  private static final int CLASSES = 10;

  @Option(
      names = "--master",
      description = "Spark master",
      defaultValue = "local-cluster[2,1,2048]")
  private String master = "";

  @Option(names = "--workers", description = "training tasks that run at once", defaultValue = "2")
  private int workers;

  @Option(names = "--epochs", description = "passes over the training images", defaultValue = "60")
  private int epochs;

  @Option(
      names = "--frozen",
      description = "layers that are not trained, names or globs; '' trains all",
      split = ",",
      defaultValue = "conv_stem,blocks")
  private List<String> frozen = List.of();

  @Option(names = "--learning-rate", description = "Adam's", defaultValue = "0.01")
  private double learningRate;

  @Option(names = "--batch-size", description = "images per worker and step", defaultValue = "10")
  private int batchSize;

  @Option(names = "--per-class", description = "training images of each digit", defaultValue = "20")
  private int perClass;

  @Option(
      names = "--test-per-class",
      description = "held-back images of each digit, at most 500 less --per-class",
      defaultValue = "100")
  private int testPerClass;

  @Option(names = "--size", description = "height and width the network sees", defaultValue = "112")
  private int size;

  @Option(
      names = "--seed",
      description = "of the choice of images and of training",
      defaultValue = "7")
  private long seed;

  @Option(
      names = "--data",
      description = "folder of the data",
      defaultValue = "${sparkgrad.examples.data:-examples/data}")
  private Path data = Path.of("");

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
    try (SparkSession spark = session()) {
      Dataset<Row> digits = ranked(DigitSheet.read(spark, data.resolve("opencv_digits.png")));
      Dataset<Row> train = digits.filter(col("rank").leq(perClass)).drop("rank").cache();
      Dataset<Row> test =
          digits
              .filter(col("rank").gt(perClass).and(col("rank").leq(perClass + testPerClass)))
              .drop("rank");
      out.printf(
          "%d training and %d held-back images of %d×%d pixels in %d classes; %d workers on %s%n",
          train.count(), test.count(), DigitSheet.CELL, DigitSheet.CELL, CLASSES, workers, master);

      out.printf("%nfrozen backbone, new head, on images scaled to %d×%d%n", size, size);
      PipelineModel tuned = pipeline(backbone(), size).fit(train);
      AutogradClassificationModel network = network(tuned);
      describe(out, network);
      String path = save(tuned);
      PipelineModel loaded = PipelineModel.load(path);
      double withBackbone = accuracy(loaded.transform(test));
      out.printf("saved to %s, loaded again and applied to the held-back images%n", path);

      out.printf("%nthe same head on raw pixels%n");
      double onPixels = accuracy(pipeline(pixels(), DigitSheet.CELL).fit(train).transform(test));
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

  private SparkSession session() {
    return SparkSession.builder()
        .master(master)
        .appName("sparkgrad fine-tune")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", String.valueOf(2 * workers))
        .config("spark.authenticate", "true")
        .config("spark.authenticate.secret", UUID.randomUUID().toString())
        .config("spark.network.crypto.enabled", "true")
        .getOrCreate();
  }

  /** Numbers the images of each class from 1 in an order that only the seed decides. */
  private Dataset<Row> ranked(Dataset<Row> digits) {
    var byChance = Window.partitionBy("label").orderBy(xxhash64(col("image.origin"), lit(seed)));
    return digits.withColumn("rank", row_number().over(byChance));
  }

  private Pipeline pipeline(AutogradClassifier classifier, int side) {
    GrayImageScaler scaler = new GrayImageScaler().setSize(side);
    return new Pipeline().setStages(new PipelineStage[] {scaler, classifier});
  }

  private AutogradClassifier backbone() {
    return classifier(MobileNetV4.convSmall050(CLASSES))
        .setInputShape(1, size, size)
        .setInitialWeights(data.resolve("detypify_mnv4_backbone336.safetensors").toString())
        .setFrozenLayers(frozen.stream().filter(f -> !f.isBlank()).toArray(String[]::new));
  }

  private AutogradClassifier pixels() {
    return classifier(
        Sequential.builder()
            .add("head", new Linear(DigitSheet.CELL * DigitSheet.CELL, CLASSES))
            .build());
  }

  private AutogradClassifier classifier(Module network) {
    return new AutogradClassifier()
        .setNetwork(network)
        .setNumWorkers(workers)
        .setBatchSize(batchSize)
        .setMaxIter(epochs)
        .setLearningRate(learningRate)
        .setSeed(seed);
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
