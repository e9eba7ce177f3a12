// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import io.sparkgrad.examples.Median;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.spark.AutogradClassifier;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a second executor brings, and what freezing saves on the wire: SimpleCNN is fitted by one
 * worker and by two of one thread each, in turn, and by MLlib's way of summing gradients. Each
 * worker has as many rows, in batches of the same size, whatever their number. What counts of a fit
 * are its epochs but the first.
 */
final class TrainingTable {
  private static final double BAR_TWO_EXECUTORS = 1.8;

  /** What is frozen, and computed in each epoch all the same, and what steps came to. */
  private static final class Variant {
    final String name;
    final String[] frozen;
    final List<Step> one = new ArrayList<>();
    final List<Step> two = new ArrayList<>();

    Variant(String name, String... frozen) {
      this.name = name;
      this.frozen = frozen;
    }
  }

  private final SparkSession spark;
  private final PrintWriter out;
  private final Size size;
  private final Module network;

  /**
   * How much is measured.
   *
   * @param batches of a worker in an epoch
   * @param epochs of a fit, the first of which does not count
   * @param rounds of fits
   */
  record Size(int batchSize, int batches, int epochs, int rounds) {}

  /** On a session with two executors of one core. */
  TrainingTable(SparkSession spark, Size size, PrintWriter out) {
    this.spark = spark;
    this.out = out;
    this.size = size;
    this.network = SimpleCnn.create(Images.CHANNELS, Images.SIDE, Images.SIDE, Images.CLASSES);
  }

  /** Measures and prints. */
  void run() {
    Variant all = new Variant("none");
    List<Variant> variants =
        List.of(all, new Variant("conv", "conv1", "conv2"), new Variant("fc", "fc"));
    List<Double> tree = new ArrayList<>();
    Dataset<Row> ofOne = table(1).cache();
    Dataset<Row> ofTwo = table(2).cache();
    for (int round = 0; round < size.rounds; round++) {
      for (Variant variant : variants) {
        variant.one.addAll(fit(ofOne, 1, variant.frozen));
        variant.two.addAll(fit(ofTwo, 2, variant.frozen));
      }
      tree.addAll(treeAggregation());
    }
    ofOne.unpersist();
    ofTwo.unpersist();
    variants.forEach(variant -> report(variant, all));
    double median = Median.of(tree);
    print("step candidate=tree-aggregate workers=2 ms=%.2f", 1e3 * median);
    print(
        "ratio workload=train-simplecnn peer=tree-aggregate value=%.2f best=%.2f",
        median / Step.median(all.two, Step::total), Collections.min(tree) / Step.best(all.two));
  }

  private Dataset<Row> table(int workers) {
    return Images.table(spark, workers * size.batches * size.batchSize, workers);
  }

  private List<Step> fit(Dataset<Row> rows, int workers, String[] frozen) {
    return Step.ofLaterEpochs(
        new AutogradClassifier()
            .setNetwork(network)
            .setInputShape(Images.CHANNELS, Images.SIDE, Images.SIDE)
            .setFrozenLayers(frozen)
            .setCacheFrozenFeatures("off")
            .setOptimizer("sgd")
            .setBatchSize(size.batchSize)
            .setMaxIter(size.epochs)
            .setNumWorkers(workers)
            .fit(rows)
            .summary()
            .epochs(),
        size.batches);
  }

  private List<Double> treeAggregation() {
    List<Double> seconds = new ArrayList<>();
    try (TreeAggregation peer =
        new TreeAggregation(
            JavaSparkContext.fromSparkContext(spark.sparkContext()),
            network,
            2,
            size.batches,
            size.batchSize)) {
      for (int number = 0; number < size.batches; number++) {
        long start = System.nanoTime();
        double loss = peer.step(number);
        double took = (System.nanoTime() - start) * 1e-9;
        if (!Double.isFinite(loss)) {
          throw new IllegalStateException("tree-aggregate: the loss became " + loss);
        }
        if (number >= size.batches / 2) { // it has as much time to warm up
          seconds.add(took);
        }
      }
    }
    return seconds;
  }

  private void report(Variant variant, Variant all) {
    report(variant.name, 1, variant.one);
    report(variant.name, 2, variant.two);
    double ratio =
        2 * Step.median(variant.one, Step::total) / Step.median(variant.two, Step::total);
    String key = "workload=train-simplecnn-2-executors frozen=" + variant.name;
    print(
        "ratio %s value=%.2f best=%.2f",
        key, ratio, 2 * Step.best(variant.one) / Step.best(variant.two));
    if (variant == all && ratio < BAR_TWO_EXECUTORS) {
      print("miss %s bar=%.2f value=%.2f", key, BAR_TWO_EXECUTORS, ratio);
    }
    print(
        "share workload=wire frozen=%s bytes=%.3f communicating=%.3f",
        variant.name,
        Step.median(variant.two, Step::bytes) / Step.median(all.two, Step::bytes),
        Step.median(variant.two, Step::communicating) / Step.median(all.two, Step::communicating));
  }

  private void report(String frozen, int workers, List<Step> steps) {
    double total = Step.median(steps, Step::total);
    print(
        "step candidate=sparkgrad workers=%d frozen=%s ms=%.2f computing=%.2f communicating=%.2f bytes=%.0f rows_per_s=%.0f",
        workers,
        frozen,
        1e3 * total,
        1e3 * Step.median(steps, Step::computing),
        1e3 * Step.median(steps, Step::communicating),
        Step.median(steps, Step::bytes),
        workers * size.batchSize / total);
  }

  private void print(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
