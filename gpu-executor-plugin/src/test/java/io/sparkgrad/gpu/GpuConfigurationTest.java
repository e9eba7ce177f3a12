// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.gpu.cuda.DeviceSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuConfigurationTest {
  private static final String NO_TASKS =
      "spark.task.resource.gpu.amount is set, but master %s never assigns resources to tasks, so"
          + " every job would wait for ever: unset it, or use a cluster";

  /** Space-separated key=value pairs; {@code task}, {@code executor} stand for the gpu amounts. */
  static SparkConf conf(String pairs) {
    var conf = new SparkConf(false);
    for (String pair : pairs.split(" ", -1)) {
      String[] keyAndValue = pair.split("=", 2);
      String key =
          switch (keyAndValue[0]) {
            case "master",
                "plugins",
                "dynamicAllocation.enabled",
                "rapids.memory.gpu.allocFraction" ->
                "spark." + keyAndValue[0];
            case "task", "executor" -> "spark." + keyAndValue[0] + ".resource.gpu.amount";
            default -> "spark.sparkgrad.gpu." + keyAndValue[0];
          };
      conf.set(key, keyAndValue[1]);
    }
    return conf;
  }

  @ParameterizedTest
  @CsvSource({
    "local, task=1 executor=1",
    "local[4], task=0.25 executor=1",
    "local[*], task=1",
    "'local[2,3]', task=1 executor=1",
  })
  void tasksOfLocalModeWouldWaitForEver(String master, String pairs) {
    assertEquals(
        Optional.of(NO_TASKS.formatted(master)),
        new GpuConfiguration(conf("master=" + master + " " + pairs)).failure());
  }

  @Test
  void tasksNeedExecutorsWithGpus() {
    assertEquals(
        Optional.of(
            "spark.task.resource.gpu.amount is set, but executors have no GPU to give to tasks:"
                + " set spark.executor.resource.gpu.amount=1 too"),
        new GpuConfiguration(conf("master=spark://host:7077 task=1")).failure());
  }

  @ParameterizedTest
  @CsvSource({
    "master=local[4]",
    "master=local[4] task=0 executor=1",
    "master=local[4] executor=1 dynamicAllocation.enabled=true",
    "'master=local-cluster[2,1,1024] task=1 executor=1'",
    "master=spark://host:7077 executor=1",
    "master=spark://host:7077",
    "master=yarn executor=1 dynamicAllocation.enabled=true",
  })
  void whatCanRunIsNotRefused(String pairs) {
    assertEquals(Optional.empty(), new GpuConfiguration(conf(pairs)).failure());
  }

  @ParameterizedTest
  @CsvSource({
    "master=local[4]",
    "master=local[4] dynamicAllocation.enabled=true required=true",
    "master=spark://host:7077 executor=1 required=false memory.fraction=0.5",
    "'master=local plugins=com.nvidia.spark.SQLPlugin rapids.memory.gpu.allocFraction=0.4'",
    "'master=local-cluster[2,1,1024] task=1 executor=1 dynamicAllocation.enabled=false'",
  })
  void whatIsRightIsNotWarnedOf(String pairs) {
    assertEquals(List.of(), new GpuConfiguration(conf(pairs)).warnings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "master=local[4] executor=1 | spark.executor.resource.gpu.amount has no effect: master"
            + " local[4] never assigns resources; use a cluster, or unset it",
        "master=yarn | spark.executor.resource.gpu.amount is not set, so Spark assigns no GPU to"
            + " executors: set it to 1",
        "master=yarn executor=1 dynamicAllocation.enabled=true | spark.dynamicAllocation.enabled"
            + " is true, and Spark refuses the barrier stages of distributed training then: set it"
            + " to false to train",
        "master=local require=no | spark.sparkgrad.gpu.require is no setting; there are"
            + " spark.sparkgrad.gpu.required, spark.sparkgrad.gpu.graphs,"
            + " spark.sparkgrad.gpu.cublas, spark.sparkgrad.gpu.memory.fraction, spark.sparkgrad.gpu.memory.reserve,"
            + " spark.sparkgrad.gpu.memory.minFree, spark.sparkgrad.gpu.debugLeaks",
        "master=local plugins=com.nvidia.spark.SQLPlugin,x | com.nvidia.spark.SQLPlugin is among"
            + " spark.plugins, and with spark.rapids.memory.gpu.allocFraction=1 its pool may take"
            + " all memory of a GPU: set this to 0.5, say, and"
            + " spark.sparkgrad.gpu.memory.fraction too",
      })
  void warnsInOneSentence(String pairs, String sentence) {
    assertEquals(List.of(sentence), new GpuConfiguration(conf(pairs)).warnings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "required=yes | expected auto, true or false, got 'yes'",
        "graphs=on | expected true or false, got 'on'",
        "debugLeaks= | expected true or false, got ''",
        "memory.fraction=0 | expected above 0 and at most 1, got '0'",
        "memory.fraction=50% | expected above 0 and at most 1, got '50%'",
        "memory.fraction=NaN | expected above 0 and at most 1, got 'NaN'",
        "memory.reserve=-1 | expected a size such as 512m or 4g, got '-1'",
        "memory.minFree=much | expected a size such as 512m or 4g, got 'much'",
        "memory.minFree=9999999999g | expected a size such as 512m or 4g, got '9999999999g'",
      })
  void valuesThatAreNoneAreRefused(String pair, String sentence) {
    var conf = conf(pair);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> GpuSettings.ALL.forEach(setting -> setting.in(conf)));
    assertEquals(
        "spark.sparkgrad.gpu." + pair.substring(0, pair.indexOf('=')) + ": " + sentence,
        e.getMessage());
  }

  @Test
  void settingsThatNobodySetAreTheDefaults() {
    assertEquals(GpuRequirement.AUTO, GpuSettings.REQUIRED.in(new SparkConf(false)));
    assertEquals(GpuRequirement.FALSE, GpuSettings.REQUIRED.in(conf("required=False")));
    assertEquals(DeviceSettings.DEFAULT, GpuSettings.device(new SparkConf(false)));
  }

  @Test
  void theReadmeListsThem() throws Exception {
    List<String> lines = Files.readAllLines(Path.of("../README.md"));
    for (GpuSettings.Setting<?> setting : GpuSettings.ALL) {
      String row =
          "| `%s` | %s | %s |".formatted(setting.key(), setting.defaultValue(), setting.doc());
      assertTrue(lines.contains(row), row);
    }
  }
}
