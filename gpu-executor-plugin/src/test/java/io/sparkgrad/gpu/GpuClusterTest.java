// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.metrics.sink.CsvSink;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Executors in processes of their own, with GPUs that there are not. */
@Tag("cluster")
class GpuClusterTest {
  /** Executors that end still write to it, when their application is long gone. */
  private static final Path METRICS = Path.of("target", "gpu-metrics").toAbsolutePath();

  @TempDir Path dir;

  private static JavaSparkContext cluster(int executors, String required) throws Exception {
    return new JavaSparkContext(conf(executors, required));
  }

  private static SparkConf conf(int executors, String required) throws Exception {
    System.clearProperty("spark.testing");
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return new SparkConf(false)
        .setMaster("local-cluster[%d,2,1024]".formatted(executors))
        .setAppName("gpu cluster tests")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.cores.max", String.valueOf(2 * executors))
        .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
        .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s")
        .set(
            "spark.executor.extraClassPath",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
        .set("spark.resources.discoveryPlugin", CountedGpus.class.getName())
        .set("spark.worker.resource.gpu.amount", "1")
        .set("spark.executor.resource.gpu.amount", "1")
        .set("spark.sparkgrad.gpu.required", required)
        .set("spark.plugins", GpuExecutorPlugin.class.getName());
  }

  /** Why executors end. */
  private static BlockingQueue<String> ends(JavaSparkContext spark) {
    BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
    spark
        .sc()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                reasons.add(removed.reason());
              }
            });
    return reasons;
  }

  @Test
  void aFatalErrorEndsTheExecutorAndTheJobGoesOnInAnother() throws Exception {
    Path burnt = dir.resolve("burnt");
    try (var log = new LogCapture("io.sparkgrad.gpu");
        JavaSparkContext spark = cluster(1, "false")) {
      BlockingQueue<String> ends = ends(spark);
      String marker = burnt.toString();
      String survivor =
          spark
              .parallelize(List.of(0), 1)
              .map(
                  i -> {
                    if (!Path.of(marker).toFile().mkdir()) {
                      String executor = SparkEnv.get().executorId();
                      if (executor.equals("0")) {
                        Thread.sleep(60_000); // Spark may try again before the executor has ended
                      }
                      return executor;
                    }
                    throw new IllegalStateException(
                        "in step 3",
                        new CudaException("cuLaunchKernel", 700, "ILLEGAL_ADDRESS", "illegal"));
                  })
              .first();
      assertEquals("1", survivor);
      String end = ends.poll(60, TimeUnit.SECONDS);
      assertTrue(String.valueOf(end).contains("Command exited with code 20"), end);
      assertTrue(
          log.lines().stream()
              .anyMatch(
                  line ->
                      line.startsWith("ERROR executor 0 on ")
                          && line.endsWith(
                              "ends with code 20, for Spark to start another: CUDA:"
                                  + " cuLaunchKernel failed: ILLEGAL_ADDRESS (700), illegal")),
          log.lines()::toString);
    }
  }

  @Test
  void eachTaskOfAStageSeesAGpuOfItsOwnAndTwoWithFractionsShareOne() throws Exception {
    Files.createDirectories(METRICS);
    SparkConf conf =
        conf(2, "true")
            .set("spark.plugins", EmulatedGpuPlugin.class.getName())
            .set("spark.metrics.conf.executor.sink.csv.class", CsvSink.class.getName())
            .set("spark.metrics.conf.executor.sink.csv.directory", METRICS.toString());
    try (var log = new LogCapture("io.sparkgrad.gpu");
        var spark = new JavaSparkContext(conf)) {
      Set<String> addresses = addresses(spark, 1.0, 2);
      assertEquals(2, addresses.size());
      assertEquals(2, addresses(spark, 0.5, 4).size());
      assertTheDriverKnowsThem(addresses, log.lines());
      assertMetricsAreReported(spark);
    }
  }

  /** Each of the emulated GPUs, which all have the same UUID. */
  private static void assertTheDriverKnowsThem(Set<String> addresses, List<String> log) {
    for (String address : addresses) {
      String line =
          "INFO executor [01] on \\S+ has GPU '%s': Emulated GPU \\(GPU-[0-]+\\), compute capability 7.5, \\d+ of 1024 MiB free, may hold 1024 MiB, driver for CUDA 12.4";
      assertEquals(
          1, log.stream().filter(l -> l.matches(line.formatted(address))).count(), log::toString);
    }
    assertEquals(
        1,
        log.stream()
            .filter(line -> line.matches("WARN executors [01] and [01] share Emulated GPU .*"))
            .count(),
        log::toString);
  }

  /** What a user of Spark's sinks sees of a task that sent 40 bytes to its GPU and back. */
  private static void assertMetricsAreReported(JavaSparkContext spark) throws Exception {
    String executor =
        spark
            .parallelize(List.of(0), 1)
            .map(
                i -> {
                  Backend gpu = EmulatedGpuPlugin.Device.OF_THIS_PROCESS;
                  Buffer buffer = gpu.allocate(DType.FLOAT32, 10);
                  gpu.upload(new float[10], 0, buffer);
                  gpu.unary(UnaryKernel.EXP, 0, buffer, buffer);
                  gpu.download(buffer, new float[10], 0);
                  SparkEnv.get().metricsSystem().report();
                  return SparkEnv.get().executorId();
                })
            .first();
    Map<String, Long> values = new TreeMap<>();
    Pattern name =
        Pattern.compile(
            Pattern.quote(
                    "%s.%s.plugin.%s.gpu."
                        .formatted(
                            spark.sc().applicationId(),
                            executor,
                            EmulatedGpuPlugin.class.getName()))
                + "\\d+\\.(.*)\\.csv");
    for (String file : METRICS.toFile().list()) {
      Matcher matcher = name.matcher(file);
      if (matcher.matches()) {
        List<String> lines = Files.readAllLines(METRICS.resolve(file));
        String last = lines.get(lines.size() - 1);
        values.put(matcher.group(1), Long.valueOf(last.substring(last.indexOf(',') + 1)));
      }
    }
    assertEquals(
        "{deviceToHostBytes=40, graphLaunches=0, hostToDeviceBytes=40, kernelLaunches=1,"
            + " memoryHeldBytes=6291456, memoryPeakBytes=512, memoryUsedBytes=512, poolHits=0,"
            + " poolMisses=1}",
        values.toString());
  }

  /** Of tasks that run at once. */
  private static Set<String> addresses(JavaSparkContext spark, double gpus, int tasks) {
    var profile =
        new ResourceProfileBuilder()
            .require(new TaskResourceRequests().cpus(1).resource("gpu", gpus))
            .build();
    List<String> seen =
        spark
            .parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
            .withResources(profile)
            .map(
                i -> {
                  Thread.sleep(500); // or one executor runs them one after the other
                  return String.join(",", TaskContext.get().resourcesJMap().get("gpu").addresses());
                })
            .collect();
    return seen.stream().collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"false | backend cuda is not usable: ", "true | expected a number or a UUID"})
  void anExecutorThatCannotUseItsGpuSaysWhyToTheDriver(boolean blank, String sentence)
      throws Exception {
    System.setProperty(CountedGpus.BLANK, String.valueOf(blank));
    try (JavaSparkContext spark = cluster(1, "auto")) {
      String end = ends(spark).poll(60, TimeUnit.SECONDS);
      assertTrue(
          String.valueOf(end).contains("Unable to create executor due to executor ")
              && end.contains(sentence)
              && end.contains("set spark.sparkgrad.gpu.required=false to compute on the CPU"),
          end);
    } finally {
      System.clearProperty(CountedGpus.BLANK);
    }
  }
}
