// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/** A session whose executors are real processes. SPARK_HOME is set in the module's pom. */
public final class ClusterOfProcesses {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private ClusterOfProcesses() {}

  /** One core each; the tests' own class path takes the place of a Spark distribution. */
  public static SparkSession session(int executors) throws IOException {
    return session(executors, Map.of());
  }

  /**
   * The same with more settings.
   *
   * @param settings of Spark
   */
  static SparkSession session(int executors, Map<String, String> settings) throws IOException {
    return session(executors, 1, settings);
  }

  /**
   * The same with more cores.
   *
   * @param cores of each executor
   */
  static SparkSession session(int executors, int cores, Map<String, String> settings)
      throws IOException {
    ClusterOfThreads.forgetSparksOwnTests();
    // The launcher of an executor wants the folder; what would lie in it is on the class path.
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    SparkSession.Builder builder = SparkSession.builder();
    settings.forEach(builder::config);
    return builder
        .master("local-cluster[%d,%d,1024]".formatted(executors, cores))
        .appName("spark-estimator cluster tests")
        .config("spark.ui.enabled", "false")
        // A fit that asks for executors at once waits so long for them to start.
        .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
        .config("spark.executor.extraClassPath", classPath())
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.authenticate", "true")
        .config("spark.authenticate.secret", "a secret of the tests")
        .config("spark.network.crypto.enabled", "true")
        // Finds what should travel as a broadcast but travels in a task.
        .config("spark.rpc.message.maxSize", "1")
        .config("spark.hadoop.fs.halting.impl", HaltingFileSystem.class.getName())
        .config("spark.hadoop.fs.standing.impl", StandingFileSystem.class.getName())
        .getOrCreate();
  }

  /** The processes of the executors by their ids; waits for those that are still starting. */
  static Map<String, Long> processes(SparkSession spark) {
    String master = spark.sparkContext().master(); // local-cluster[executors,cores,memory]
    int executors =
        Integer.parseInt(master.substring(master.indexOf('[') + 1, master.indexOf(',')));
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    Map<String, Long> processes = new HashMap<>();
    do {
      processes.clear();
      JavaSparkContext.fromSparkContext(spark.sparkContext())
          .parallelize(List.of(0, 1, 2, 3, 4, 5, 6, 7), 8)
          .map(
              ignored -> {
                Thread.sleep(200); // or one executor takes them all
                return new Tuple2<>(SparkEnv.get().executorId(), ProcessHandle.current().pid());
              })
          .collect()
          .forEach(e -> processes.put(e._1(), e._2()));
    } while (processes.size() < executors && System.nanoTime() < deadline);
    return processes;
  }

  /**
   * How often the executors have logged a text so far, those that are gone included.
   *
   * @param text of one line
   */
  static long logged(SparkSession spark, String text) throws IOException {
    Path folder =
        Path.of(System.getenv("SPARK_HOME"), "work", spark.sparkContext().applicationId());
    try (Stream<Path> files = Files.walk(folder)) {
      long count = 0;
      for (Path file : files.filter(f -> f.endsWith("stdout")).toList()) {
        count += Files.readAllLines(file).stream().filter(line -> line.contains(text)).count();
      }
      return count;
    }
  }

  /**
   * Waits until the executors have logged a text so often: what they write reaches the files a
   * little later.
   *
   * @return how often they have, less if it takes too long
   */
  static long awaitLogged(SparkSession spark, String text, long times) throws Exception {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (logged(spark, text) < times && System.nanoTime() < deadline) {
      Thread.sleep(50);
    }
    return logged(spark, text);
  }

  /** The process of some executor, to be ended as a crash would end it. */
  static ProcessHandle executor(SparkSession spark) {
    long pid =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0), 1)
            .map(ignored -> ProcessHandle.current().pid())
            .first();
    return ProcessHandle.of(pid).orElseThrow();
  }

  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
