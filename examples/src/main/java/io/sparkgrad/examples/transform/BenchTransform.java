// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.transform;

import io.sparkgrad.examples.Version;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.spark.AutogradClassificationModel;
import io.sparkgrad.spark.AutogradClassifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How much of the speed of the network is left when Spark feeds it? The same images go through the
 * same network in the same batches on the same number of threads: in a loop without Spark, in
 * {@code transform} with its three columns, and in a peer's {@code mapPartitions}. The two with
 * Spark read rows that it has cached, and write each row's id and class to Spark's noop sink. They
 * run in one process, strictly in turn, some rounds before anything counts.
 */
@Command(
    name = "bench-transform",
    description =
        "Measures transform against the network alone and against DJL called from mapPartitions.",
    showDefaultValues = true,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class BenchTransform implements Callable<Integer> {
  private static final String WORKLOAD = "transform-simplecnn";
  private static final String OWN = "sparkgrad";
  private static final String CORE = "core-loop";
  private static final double BAR_CORE = 0.8;
  private static final double BAR_PEER = 1;
  private static final int CLASSES = 10;
  private static final int TRAINED_ROWS = 256;

  /** Of a thousand images: two right engines round differently, and some logits are near. */
  private static final double DIFFERING = 0.001;

  @Option(
      names = "--columns",
      description = "how rows hold images: ${COMPLETION-CANDIDATES}",
      split = ",",
      defaultValue = "ARRAY,VECTOR")
  private List<ImagePool.Column> columns = List.of();

  @Option(
      names = "--threads",
      description = "of Spark and of the loop",
      split = ",",
      defaultValue = "2")
  private List<Integer> threads = List.of();

  @Option(names = "--rows", description = "of a turn", defaultValue = "100000")
  private int rows;

  @Option(
      names = "--batch-size",
      description = "rows that go through the network at once",
      defaultValue = "64")
  private int batchSize;

  @Option(names = "--rounds", description = "turns that count", defaultValue = "5")
  private int rounds;

  @Option(names = "--warm-up", description = "turns before them", defaultValue = "2")
  private int warmUp;

  @Option(
      names = "--quick",
      description = "one short turn after another: shows that all works",
      defaultValue = "false")
  private boolean quick;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (rows < ImagePool.TIMES || batchSize < 1 || rounds < 1 || warmUp < 0) {
      throw new IllegalArgumentException(
          "bench-transform: expected --rows of at least %d, --batch-size and --rounds of at least 1 and --warm-up of at least 0, got %d, %d, %d and %d"
              .formatted(ImagePool.TIMES, rows, batchSize, rounds, warmUp));
    }
    if (quick) {
      rows = Math.min(rows, 5_000);
      rounds = 1;
      warmUp = 1;
    }
    List<TransformPeer> peers = new ArrayList<>();
    ServiceLoader.load(TransformPeer.class).forEach(peers::add);
    if (peers.isEmpty()) {
      print("No peer is on the class path: build with the Maven profile 'bench'.");
    }
    boolean same = true;
    for (int count : threads) {
      try (SparkSession spark = session(count)) {
        for (ImagePool.Column column : columns) {
          same &= measure(spark, column, count, peers);
        }
      }
    }
    return same ? 0 : 1;
  }

  private static SparkSession session(int threads) {
    return SparkSession.builder()
        .master("local[" + threads + "]")
        .appName("sparkgrad bench-transform")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
  }

  /** Whether all predict the same classes. */
  private boolean measure(
      SparkSession spark, ImagePool.Column column, int count, List<TransformPeer> peers) {
    ImagePool pool = new ImagePool(rows);
    Dataset<Row> table = pool.table(spark, column, count).cache();
    AutogradClassificationModel model = model(table);
    Module network = model.module();
    CoreLoop core = new CoreLoop(network, pool.batches(batchSize));
    Dataset<Row> all = ImagePool.repeated(table);
    String key = "workload=%s column=%s threads=%d".formatted(WORKLOAD, column.label, count);

    Map<String, Dataset<Row>> queries = new LinkedHashMap<>();
    Map<String, Dataset<Row>> once = new LinkedHashMap<>();
    queries.put(OWN, model.transform(all).select("id", "prediction"));
    once.put(OWN, model.transform(table).select("id", "prediction"));
    for (TransformPeer peer : peers) {
      queries.put(peer.name(), peer.predict(all, network, batchSize));
      once.put(peer.name(), peer.predict(table, network, batchSize));
    }
    List<Double> expected = core.classes();
    boolean same = true;
    for (Map.Entry<String, Dataset<Row>> e : once.entrySet()) {
      same &= check(key, e.getKey(), e.getValue(), expected);
    }
    Map<String, Runnable> turns = new LinkedHashMap<>();
    turns.put(CORE, () -> core.run(ImagePool.TIMES, count));
    queries.forEach(
        (name, query) ->
            turns.put(name, () -> query.write().format("noop").mode("overwrite").save()));
    report(key, pool.rows(), new Turns(turns).run(warmUp, rounds));
    table.unpersist();
    return same;
  }

  /** Any weights would do, but these have come the way that users' weights come. */
  private AutogradClassificationModel model(Dataset<Row> table) {
    Module network = SimpleCnn.create(ImagePool.CHANNELS, ImagePool.SIDE, ImagePool.SIDE, CLASSES);
    return new AutogradClassifier()
        .setNetwork(network)
        .setInputShape(ImagePool.CHANNELS, ImagePool.SIDE, ImagePool.SIDE)
        .setSeed(1)
        .setMaxIter(1)
        .setNumWorkers(1)
        .fit(table.limit(TRAINED_ROWS))
        .setInferenceBatchSize(batchSize);
  }

  private boolean check(String key, String name, Dataset<Row> predicted, List<Double> expected) {
    long differing =
        predicted.collectAsList().stream()
            .filter(row -> row.getDouble(1) != expected.get((int) row.getLong(0)))
            .count();
    print("check %s candidate=%s differing=%d of=%d", key, name, differing, expected.size());
    return differing <= DIFFERING * expected.size();
  }

  private void report(String key, int count, Map<String, Turns.Seconds> seconds) {
    seconds.forEach(
        (name, s) ->
            print(
                "speed %s candidate=%s rows_per_s=%.0f best=%.0f",
                key, name, count / s.median(), count / s.best()));
    Turns.Seconds own = seconds.get(OWN);
    seconds.forEach(
        (name, s) -> {
          if (own != null && !name.equals(OWN)) {
            String peer = "%s peer=%s".formatted(key, name);
            double value = s.median() / own.median();
            double bar = name.equals(CORE) ? BAR_CORE : BAR_PEER;
            print("ratio %s value=%.2f best=%.2f", peer, value, s.best() / own.best());
            if (value < bar) {
              print("miss %s bar=%.2f value=%.2f", peer, bar, value);
            }
          }
        });
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
