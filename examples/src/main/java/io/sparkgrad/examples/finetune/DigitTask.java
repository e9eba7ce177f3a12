// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.MobileNetV4;
import io.sparkgrad.spark.AutogradClassifier;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import picocli.CommandLine.Option;

/** A pretrained MobileNetV4, handwritten digits, and the settings of training one on the other. */
final class DigitTask {
  static final int CLASSES = 10;

  @Option(
      names = "--master",
      description = "Spark master",
      defaultValue = "local-cluster[2,1,2048]")
  private String master = "";

  @Option(names = "--workers", description = "training tasks that run at once", defaultValue = "2")
  private int workers;

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

  /** Where the executors are. */
  String master() {
    return master;
  }

  int workers() {
    return workers;
  }

  /** Of the images as the network sees them, height and width. */
  int size() {
    return size;
  }

  SparkSession session() {
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

  /** The images to train on, as {@link DigitSheet#read} gives them. */
  Dataset<Row> training(SparkSession spark) {
    return ranks(spark, 0, perClass);
  }

  /** So many images of each class that are not trained on. */
  Dataset<Row> heldBack(SparkSession spark, int count) {
    return ranks(spark, perClass, perClass + count);
  }

  /** The images of each class in an order that only the seed decides. */
  private Dataset<Row> ranks(SparkSession spark, int from, int to) {
    var byChance = Window.partitionBy("label").orderBy(xxhash64(col("image.origin"), lit(seed)));
    return DigitSheet.read(spark, data.resolve("opencv_digits.png"))
        .withColumn("rank", row_number().over(byChance))
        .filter(col("rank").gt(from).and(col("rank").leq(to)))
        .drop("rank");
  }

  /** The pretrained network, its backbone frozen, with a new head, behind a scaler of images. */
  Pipeline backbone(int epochs, String cacheFrozenFeatures) {
    return pipeline(
        size,
        classifier(MobileNetV4.convSmall050(CLASSES), epochs)
            .setInputShape(1, size, size)
            .setInitialWeights(data.resolve("detypify_mnv4_backbone336.safetensors").toString())
            .setFrozenLayers(frozen.stream().filter(f -> !f.isBlank()).toArray(String[]::new))
            .setCacheFrozenFeatures(cacheFrozenFeatures));
  }

  /** A network that sees the images as they are. */
  Pipeline onPixels(Module network, int epochs) {
    return pipeline(DigitSheet.CELL, classifier(network, epochs));
  }

  private static Pipeline pipeline(int side, AutogradClassifier classifier) {
    GrayImageScaler scaler = new GrayImageScaler().setSize(side);
    return new Pipeline().setStages(new PipelineStage[] {scaler, classifier});
  }

  private AutogradClassifier classifier(Module network, int epochs) {
    return new AutogradClassifier()
        .setNetwork(network)
        .setNumWorkers(workers)
        .setBatchSize(batchSize)
        .setMaxIter(epochs)
        .setLearningRate(learningRate)
        .setSeed(seed);
  }
}
