// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
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
  @TempDir Path dir;

  private static JavaSparkContext cluster(int executors, String required) throws Exception {
    System.clearProperty("spark.testing");
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    SparkConf conf =
        new SparkConf(false)
            .setMaster("local-cluster[%d,2,1024]".formatted(executors))
            .setAppName("gpu cluster tests")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.cores.max", String.valueOf(2 * executors))
            .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
            .set(
                "spark.executor.extraClassPath",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")))
            .set("spark.resources.discoveryPlugin", CountedGpus.class.getName())
            .set("spark.worker.resource.gpu.amount", "1")
            .set("spark.executor.resource.gpu.amount", "1")
            .set("spark.sparkgrad.gpu.required", required)
            .set("spark.plugins", GpuExecutorPlugin.class.getName());
    return new JavaSparkContext(conf);
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
                        Thread.sleep(20_000); // Spark may try again before the executor has ended
                      }
                      return executor;
                    }
                    throw new IllegalStateException(
                        "in step 3",
                        new CudaException("cuLaunchKernel", 700, "ILLEGAL_ADDRESS", "illegal"));
                  })
              .first();
      assertEquals("1", survivor);
      String end = ends.poll(30, TimeUnit.SECONDS);
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
    try (JavaSparkContext spark = cluster(2, "false")) {
      assertEquals(2, addresses(spark, 1.0, 2).size());
      assertEquals(2, addresses(spark, 0.5, 4).size());
    }
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
