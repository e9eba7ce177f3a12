// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.memory;

import io.sparkgrad.examples.Version;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.AutogradClassifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Fits a DataFrame many times as large as the heap of the one worker, an executor in a process of
 * its own, and watches the resident size of that process against what Spark would ask a cluster
 * manager for: the heap, and on top of it a tenth, but at least 384 MB.
 */
@Command(
    name = "bench-memory",
    description =
        "Trains on a DataFrame of ten times a worker's heap and watches the worker's resident size.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class BenchMemory implements Callable<Integer> {
  private static final int SIDE = 64;
  private static final int IMAGE_BYTES = SIDE * SIDE;
  private static final int GRAY = 0;
  private static final int MEGABYTE = 1 << 20;
  private static final int SECONDS_PER_LINE = 10;

  @Option(names = "--heap", description = "of the worker, in MB", defaultValue = "512")
  private int heap;

  @Option(names = "--times", description = "rows in heaps of the worker", defaultValue = "10")
  private int times;

  @Option(names = "--epochs", description = "over all rows", defaultValue = "2")
  private int epochs;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    int limit = heap + Math.max(384, heap / 10);
    try (SparkSession spark = session()) {
      JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      long worker =
          context.parallelize(List.of(0), 1).map(any -> ProcessHandle.current().pid()).first();
      AtomicInteger seconds = new AtomicInteger();
      try (ResidentSize size =
          new ResidentSize(
              worker,
              bytes -> {
                if (seconds.getAndIncrement() % SECONDS_PER_LINE == 0) {
                  print("resident seconds=%d mb=%d", seconds.get() - 1, bytes / MEGABYTE);
                }
              })) {
        fit(images(spark, context));
        long peak = size.peak() / MEGABYTE;
        print("memory heap=%d rows=%d peak=%d limit=%d", heap, (long) heap * times, peak, limit);
        print("ratio workload=memory value=%.2f", (double) limit / peak);
        return peak <= limit ? 0 : 1;
      }
    }
  }

  private SparkSession session() {
    return SparkSession.builder()
        .master("local-cluster[1,1,%d]".formatted(heap))
        .appName("sparkgrad bench-memory")
        .config("spark.executor.memory", heap + "m")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
  }

  /** Gray images of random bytes, bright ones in one class and dark ones in the other. */
  private Dataset<Row> images(SparkSession spark, JavaSparkContext context) {
    int perPartition = 10_000;
    int partitions = (int) ((long) heap * times * MEGABYTE / IMAGE_BYTES / perPartition);
    List<Integer> seeds = IntStream.range(0, partitions).boxed().toList();
    JavaRDD<Row> rows =
        context
            .parallelize(seeds, partitions)
            .flatMap(
                seed -> {
                  Random random = new Random(seed);
                  return IntStream.range(0, perPartition)
                      .mapToObj(i -> image(random, i % 2))
                      .iterator();
                });
    StructType schema =
        new StructType()
            .add("features", ImageSchema.columnSchema())
            .add("label", DataTypes.IntegerType);
    return spark.createDataFrame(rows, schema);
  }

  private static Row image(Random random, int label) {
    byte[] pixels = new byte[IMAGE_BYTES];
    random.nextBytes(pixels);
    for (int i = 0; label == 1 && i < pixels.length; i++) {
      pixels[i] |= (byte) 0x80;
    }
    return RowFactory.create(RowFactory.create("", SIDE, SIDE, 1, GRAY, pixels), label);
  }

  private void fit(Dataset<Row> images) {
    long start = System.nanoTime();
    new AutogradClassifier()
        .setNetwork(
            new Sequential(
                new Flatten(), new Linear(IMAGE_BYTES, 16), new ReLU(), new Linear(16, 2)))
        .setInputShape(1, SIDE, SIDE)
        .setBatchSize(256)
        .setLearningRate(1e-5)
        .setMaxIter(epochs)
        .fit(images);
    print("fit seconds=%.1f", (System.nanoTime() - start) * 1e-9);
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, format + "%n", arguments);
    out.flush();
  }
}
