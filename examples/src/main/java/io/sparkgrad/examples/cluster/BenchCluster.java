// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import io.sparkgrad.examples.Version;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what several executors cost and bring, each a process of its own on this host. */
@Command(
    name = "bench-cluster",
    description =
        "Measures sums over executors against plain sockets, and training on two executors, also by"
            + " the size of gradient buckets.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class BenchCluster implements Callable<Integer> {
  private static final int BUCKET_BATCHES = 15; // of a worker in an epoch

  /** What is measured. */
  enum Table {
    ALL_REDUCE,
    TRAINING,
    BUCKETS
  }

  @Option(
      names = "--tables",
      description = "what is measured: ${COMPLETION-CANDIDATES}",
      split = ",",
      defaultValue = "ALL_REDUCE,TRAINING,BUCKETS")
  private List<Table> tables = List.of();

  @Option(names = "--executors", description = "that sum up", split = ",", defaultValue = "2,4")
  private List<Integer> executors = List.of();

  @Option(
      names = "--kilobytes",
      description = "of an array that is summed",
      split = ",",
      defaultValue = "64,1024,16384,65536")
  private List<Integer> kilobytes = List.of();

  @Option(
      names = "--rounds",
      description = "turns of a sum and a socket that count",
      defaultValue = "30")
  private int rounds;

  @Option(names = "--fits", description = "of each kind of training", defaultValue = "3")
  private int fits;

  @Option(names = "--batches", description = "of a worker in an epoch", defaultValue = "40")
  private int batches;

  @Option(
      names = "--bucket-networks",
      description = "trained with buckets of each size: ${COMPLETION-CANDIDATES}",
      split = ",",
      defaultValue = "MLP")
  private List<BucketTable.Network> bucketNetworks = List.of();

  @Option(
      names = "--bucket-mb",
      description = "sizes of gradient buckets, the last of which holds all gradients",
      split = ",",
      defaultValue = "0.25,1,4,16,256")
  private List<Double> bucketMegabytes = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (rounds < 1 || fits < 1 || batches < 1 || executors.stream().anyMatch(n -> n < 2)) {
      throw new IllegalArgumentException(
          "bench-cluster: expected --rounds, --fits and --batches of at least 1 and --executors of at least 2, got %d, %d, %d and %s"
              .formatted(rounds, fits, batches, executors));
    }
    if (tables.contains(Table.ALL_REDUCE)) {
      for (int n : executors) {
        try (SparkSession spark = session(n)) {
          new AllReduceTable(spark, n, kilobytes, rounds, spec.commandLine().getOut()).run();
        }
      }
    }
    if (tables.contains(Table.TRAINING)) {
      try (SparkSession spark = session(2)) {
        TrainingTable.Size size = new TrainingTable.Size(64, batches, 4, fits);
        new TrainingTable(spark, size, spec.commandLine().getOut()).run();
      }
    }
    if (tables.contains(Table.BUCKETS)) {
      try (SparkSession spark = session(2)) {
        BucketTable.Size size = new BucketTable.Size(bucketMegabytes, BUCKET_BATCHES, fits);
        new BucketTable(spark, bucketNetworks, size, spec.commandLine().getOut()).run();
      }
    }
    return 0;
  }

  /** Of executors with one core each. */
  private static SparkSession session(int executors) {
    return SparkSession.builder()
        .master("local-cluster[%d,1,1024]".formatted(executors))
        .appName("sparkgrad bench-cluster")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
  }
}
