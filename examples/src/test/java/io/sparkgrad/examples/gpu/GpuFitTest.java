// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.gpu.GpuExecutorPlugin;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.AutogradClassifier;
import io.sparkgrad.spark.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fits with the plugin on two executors in processes of their own, of two cores and one GPU each,
 * where a discovery script finds GPUs that there are not: ranks compute on the CPU.
 */
@Tag("cluster")
class GpuFitTest {
  private static final int EPOCHS = 3;
  private static final int STEPS = 4; // of an epoch: 60 rows, two workers, batches of 8

  /** Gives each worker the next number; all of them share this machine. */
  private static final String SCRIPT =
      """
      #!/bin/sh
      n=0
      while ! mkdir "%s/$n" 2>/dev/null; do n=$((n+1)); done
      echo "{\\"name\\": \\"gpu\\", \\"addresses\\": [\\"$n\\"]}"
      """;

  @TempDir private static Path cluster;
  private static SparkSession spark;
  private static final BlockingQueue<String> ENDS = new LinkedBlockingQueue<>();

  @TempDir private Path dir;

  @BeforeAll
  static void start() throws Exception {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    Path numbers = Files.createDirectory(cluster.resolve("numbers"));
    Path script = Files.writeString(cluster.resolve("gpus.sh"), SCRIPT.formatted(numbers));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    Path logging =
        Files.writeString(
            cluster.resolve("log4j2.properties"),
            """
            rootLogger.level = info
            rootLogger.appenderRef.console.ref = console
            appender.console.type = Console
            appender.console.name = console
            appender.console.layout.type = PatternLayout
            appender.console.layout.pattern = %p %c{1}: %m%n
            """);
    spark =
        SparkSession.builder()
            .master("local-cluster[2,2,1024]")
            .appName("gpu fit tests")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config(
                "spark.executor.extraClassPath",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")))
            .config(
                "spark.executor.extraJavaOptions", "-Dlog4j2.configurationFile=" + logging.toUri())
            .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "2s")
            .config("spark.worker.resource.gpu.amount", "1")
            .config("spark.worker.resource.gpu.discoveryScript", script.toString())
            .config("spark.executor.resource.gpu.amount", "1")
            .config("spark.plugins", GpuExecutorPlugin.class.getName())
            .config("spark.sparkgrad.gpu.required", "false")
            .getOrCreate();
    spark
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                ENDS.add(removed.reason());
              }
            });
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void bothExecutorsAreThere() throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (spark.sparkContext().statusTracker().getExecutorInfos().length < 3) { // and the driver
      assertTrue(System.nanoTime() < deadline, "executors do not start");
      Thread.sleep(50);
    }
  }

  private static Dataset<Row> rows() {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType);
    Generator random = new Generator(1);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      double x = random.nextGaussian();
      rows.add(RowFactory.create(Vectors.dense(x, random.nextGaussian()), x > 0 ? 1.0 : 0.0));
    }
    return spark.createDataFrame(rows, schema).coalesce(1);
  }

  private AutogradClassifier classifier(String name, int fatalBatch) throws IOException {
    String folder = Files.createDirectory(dir.resolve(name)).toString();
    return new AutogradClassifier()
        .setNetwork(
            Sequential.builder()
                .add("fc1", new Linear(2, 8))
                .add("witness", new Witness(folder, fatalBatch))
                .add("fc2", new Linear(8, 2))
                .build())
        .setSeed(3)
        .setBatchSize(8)
        .setMaxIter(EPOCHS)
        .setNumWorkers(2)
        .setCommunicationTimeout(30);
  }

  /** The addresses that ranks saw, and how many ranks each. */
  private Map<String, Integer> ranksOfAddresses(String name) throws IOException {
    Map<String, Integer> ranks = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir.resolve(name))) {
      for (Path file : files.filter(f -> f.toString().endsWith(" 1")).toList()) {
        ranks.merge(Files.readString(file), 1, Integer::sum);
      }
    }
    return ranks;
  }

  /** In executors' logs. */
  private static List<String> logged(String text) throws IOException {
    Path folder =
        Path.of(System.getenv("SPARK_HOME"), "work", spark.sparkContext().applicationId());
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (file.endsWith("stdout") || file.endsWith("stderr")) {
          Files.readAllLines(file).stream().filter(line -> line.contains(text)).forEach(lines::add);
        }
      }
    }
    return lines;
  }

  /** The same when there are some: what executors write reaches the files a little later. */
  private static List<String> awaitLogged(String text) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (logged(text).isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(50);
    }
    return logged(text);
  }

  @Test
  @DisplayName("a rank has a GPU of its own, or half of one; with auto all compute on the CPU")
  void addresses() throws Exception {
    String sentence = "device=auto: all 2 ranks compute on the CPU, since rank 0 (host ";
    assertEquals(List.of(), logged(sentence));
    classifier("whole", 0).setMaxIter(1).fit(rows());
    assertEquals(Map.of("0", 1, "1", 1), ranksOfAddresses("whole"));
    List<String> lines = awaitLogged(sentence);
    assertEquals(1, lines.size(), lines::toString);
    assertTrue(lines.get(0).contains("no NVIDIA driver is installed here"), lines::toString);
    classifier("half", 0).setMaxIter(1).setNumWorkers(4).setGpusPerWorker(0.5).fit(rows());
    assertEquals(Map.of("0", 2, "1", 2), ranksOfAddresses("half"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3 | 1 | 3 workers of 1 GPU and 1 core at once, the cluster local-cluster[2,2,1024] can run"
            + " 2: set numWorkers=2, let workers share GPUs (gpusPerWorker), or add executors.",
        "5 | 0.5 | 5 workers of 0.5 GPU and 1 core at once, the cluster local-cluster[2,2,1024] can"
            + " run 4: set numWorkers=4, let workers share GPUs (gpusPerWorker), or add executors.",
      })
  @DisplayName("too few GPUs end the fit with what can run")
  void tooFew(int workers, double gpus, String sentence) throws Exception {
    AutogradClassifier classifier =
        classifier("few", 0).setNumWorkers(workers).setGpusPerWorker(gpus);
    InputException e = assertThrows(InputException.class, () -> classifier.fit(rows()));
    assertEquals("numWorkers: asked for " + sentence, e.getMessage());
  }

  @Test
  @DisplayName("device=gpu ends the fit where there is no driver library, and says so")
  void noDriverLibrary() throws Exception {
    AutogradClassifier classifier = classifier("none", 0).setDevice("gpu");
    RuntimeException e = assertThrows(RuntimeException.class, () -> classifier.fit(rows()));
    String message = e.getMessage();
    assertTrue(
        message.matches(
            "(?s)device: gpu is asked for, but rank 0 \\(host \\S+\\) cannot use one: .*no NVIDIA"
                + " driver is installed here.*; set device to auto or cpu\\."),
        message);
  }

  @Test
  @DisplayName("a fatal CUDA error costs an executor and time, and no bit")
  void fatalError() throws Exception {
    Map<String, Tensor> expected = classifier("undisturbed", 0).fit(rows()).module().stateDict();
    ENDS.clear();
    Map<String, Tensor> actual =
        classifier("disturbed", STEPS + 3)
            .setCheckpointDir(dir.resolve("checkpoints").toString())
            .fit(rows())
            .module()
            .stateDict();
    String end = ENDS.poll(60, TimeUnit.SECONDS);
    assertTrue(String.valueOf(end).contains("Command exited with code 20"), end);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, value) ->
            assertArrayEquals(value.toFloatArray(), actual.get(name).toFloatArray(), name));
    assertEquals((EPOCHS - 1) * STEPS, batchesOfTheLastAttempt(), "goes on after epoch 1");
  }

  private int batchesOfTheLastAttempt() throws IOException {
    TreeMap<Integer, Integer> batches = new TreeMap<>();
    try (Stream<Path> files = Files.list(dir.resolve("disturbed"))) {
      for (Path file : files.toList()) {
        String[] parts = file.getFileName().toString().split(" ", -1);
        batches.merge(Integer.valueOf(parts[0]), Integer.parseInt(parts[2]), Math::max);
      }
    }
    assertTrue(batches.lastKey() > 0, batches::toString);
    return batches.lastEntry().getValue();
  }
}
