// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.spark.AutogradClassifier;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What the size of gradient buckets does to a step of two workers of one thread each: small ones
 * leave sooner, while backward still computes, large ones cost fewer rounds. The same fits with
 * each size, in turn; what counts of a fit are its epochs but the first.
 */
final class BucketTable {
  private static final int EPOCHS = 4;

  /** Before anything counts: the compiler needs some seconds. */
  private static final int WARM_UP_EPOCHS = 16;

  /** Two networks with parameters of many megabytes. */
  enum Network {
    /** 18 MB, of which the last layer of backward has 6, eleven others 1 each. */
    MLP("mlp", 64) {
      @Override
      Module create() {
        int[] sizes = new int[14];
        Arrays.fill(sizes, 512);
        sizes[0] = Images.CHANNELS * Images.SIDE * Images.SIDE;
        sizes[sizes.length - 1] = Images.CLASSES;
        return Sequential.builder()
            .add("flatten", new Flatten())
            .add("mlp", Mlp.create(sizes))
            .build();
      }
    },
    /** 45 MB, most of it in the layers that backward begins with, 9 MB each. */
    RESNET_18("resnet-18", 16) {
      @Override
      Module create() {
        return ResNet.resnet18(Images.CLASSES);
      }
    };

    private final String label;
    private final int batchSize;

    Network(String label, int batchSize) {
      this.label = label;
      this.batchSize = batchSize;
    }

    abstract Module create();
  }

  private final SparkSession spark;
  private final List<Network> networks;
  private final Size size;
  private final PrintWriter out;

  /**
   * What is measured.
   *
   * @param megabytes of buckets; the last is what the others are compared with
   * @param batches of a worker in an epoch
   * @param rounds of fits
   */
  record Size(List<Double> megabytes, int batches, int rounds) {}

  /** On a session with two executors of one core. */
  BucketTable(SparkSession spark, List<Network> networks, Size size, PrintWriter out) {
    this.spark = spark;
    this.networks = networks;
    this.size = size;
    this.out = out;
  }

  /** Measures and prints. */
  void run() {
    for (Network network : networks) {
      Dataset<Row> rows = Images.table(spark, 2 * size.batches * network.batchSize, 2).cache();
      List<List<Step>> steps = new ArrayList<>();
      size.megabytes.forEach(each -> steps.add(new ArrayList<>()));
      fit(network, rows, size.megabytes.get(0), WARM_UP_EPOCHS);
      for (int round = 0; round < size.rounds; round++) {
        for (int i = 0; i < size.megabytes.size(); i++) {
          steps.get(i).addAll(fit(network, rows, size.megabytes.get(i), EPOCHS));
        }
      }
      rows.unpersist();
      report(network.label, steps);
    }
  }

  private List<Step> fit(Network network, Dataset<Row> rows, double bucket, int epochs) {
    return Step.ofLaterEpochs(
        new AutogradClassifier()
            .setNetwork(network.create())
            .setInputShape(Images.CHANNELS, Images.SIDE, Images.SIDE)
            .setOptimizer("sgd")
            .setGradientBucketSizeInMB(bucket)
            .setBatchSize(network.batchSize)
            .setMaxIter(epochs)
            .setNumWorkers(2)
            .fit(rows)
            .summary()
            .epochs(),
        size.batches);
  }

  private void report(String network, List<List<Step>> steps) {
    List<Step> whole = steps.get(steps.size() - 1);
    for (int i = 0; i < steps.size(); i++) {
      double bucket = size.megabytes.get(i);
      List<Step> own = steps.get(i);
      print(
          "step candidate=sparkgrad network=%s bucket_mb=%s ms=%.2f communicating=%.2f bytes=%.0f",
          network,
          bucket,
          1e3 * Step.median(own, Step::total),
          1e3 * Step.median(own, Step::communicating),
          Step.median(own, Step::bytes));
      print(
          "ratio workload=bucket-%s-%smb peer=one-bucket value=%.2f best=%.2f",
          network,
          bucket,
          Step.median(whole, Step::total) / Step.median(own, Step::total),
          Step.best(whole) / Step.best(own));
    }
  }

  private void print(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
