// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import java.io.PrintWriter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Sums over executors against plain sockets between the same processes, in turn in the same run.
 *
 * <p>In a ring of n each rank sends 2·(n − 1)/n of the array, and the sockets move the same number
 * of bytes from each rank to the next, all at once. The ratio is the sockets' median time over the
 * sum's, so 1 is the sockets' own speed. Of a short array between two it is the other way round:
 * the sum's time over that of the array's way there and back, which is to be at most 3.
 */
final class AllReduceTable {
  private static final double BAR_OF_SOCKETS = 0.6;
  private static final double BAR_ROUND_TRIPS = 3;
  private static final int SHORT_KILOBYTES = 64;
  private static final int LONG_KILOBYTES = 16 << 10;

  private final SparkSession spark;
  private final int executors;
  private final List<Integer> kilobytes;
  private final int rounds;
  private final PrintWriter out;

  AllReduceTable(
      SparkSession spark, int executors, List<Integer> kilobytes, int rounds, PrintWriter out) {
    this.spark = spark;
    this.executors = executors;
    this.kilobytes = kilobytes;
    this.rounds = rounds;
    this.out = out;
  }

  /** Measures and prints. */
  void run() {
    print(
        "%n%-10s %9s %14s %14s %14s %8s",
        "executors", "KB", "sum", "sockets", "round trip", "GB/s");
    for (int size : kilobytes) {
      report(size, measure(size));
    }
  }

  /** The medians of rank 0: the sum, the sockets, and there and back, in seconds. */
  private double[] measure(int size) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JavaRDD<Integer> ranks = context.parallelize(Collections.nCopies(executors, 0), executors);
    ClassTag<double[]> times = ClassTag$.MODULE$.apply(double[].class);
    AllReduceTask task = new AllReduceTask(UUID.randomUUID(), size << 8, rounds);
    List<double[]> all =
        new JavaRDD<>(ranks.rdd().barrier().mapPartitions(task, false, times), times).collect();
    return all.get(0);
  }

  private void report(int size, double[] times) {
    double sum = times[0];
    double sockets = times[1];
    double trip = times[2];
    double sent = 2.0 * (executors - 1) / executors * size * 1024;
    print(
        "%-10d %9d %11.3f ms %11.3f ms %11.3f ms %8.2f",
        executors, size, sum * 1e3, sockets * 1e3, trip * 1e3, sent / sum * 1e-9);
    String name =
        size < 1024
            ? "allreduce-%dkb-%d".formatted(size, executors)
            : "allreduce-%dmb-%d".formatted(size / 1024, executors);
    boolean isShort = size <= SHORT_KILOBYTES && executors == 2;
    double value = isShort ? sum / trip : sockets / sum;
    print("ratio workload=%s value=%.2f", name, value);
    if (isShort && value > BAR_ROUND_TRIPS) {
      print("miss workload=%s bar=%.2f value=%.2f", name, BAR_ROUND_TRIPS, value);
    } else if (size >= LONG_KILOBYTES && value < BAR_OF_SOCKETS) {
      print("miss workload=%s bar=%.2f value=%.2f", name, BAR_OF_SOCKETS, value);
    }
  }

  private void print(String format, Object... arguments) {
    out.printf(Locale.ROOT, format + "%n", arguments);
    out.flush();
  }
}
