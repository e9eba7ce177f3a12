// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.train.StageLevelScheduling.Verdict;
import java.util.OptionalInt;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageLevelSchedulingTest {
  /** Space-separated key=value pairs of short keys. */
  private static SparkConf conf(String pairs) {
    SparkConf conf = new SparkConf(false);
    for (String pair : pairs.split(" ", -1)) {
      String[] keyAndValue = pair.split("=", 2);
      String key =
          switch (keyAndValue[0]) {
            case "executor", "task" -> keyAndValue[0] + ".resource.gpu.amount";
            case "dynamic" -> "dynamicAllocation.enabled";
            default -> keyAndValue[0];
          };
      conf.set("spark." + key, keyAndValue[1]);
    }
    return conf;
  }

  private static StageLevelScheduling decide(String conf, String device, double gpus, int cpus) {
    return StageLevelScheduling.decide(
        conf(conf),
        new WorkerResources(
            DevicePreference.of(device),
            gpus,
            cpus == 0 ? OptionalInt.empty() : OptionalInt.of(cpus)));
  }

  @ParameterizedTest
  @CsvSource({
    "master=spark://h:7077 executor=1,                          gpu,  1,   0, 1, 1",
    "master=spark://h:7077 executor=1,                          auto, 1,   0, 1, 1",
    "master=spark://h:7077 executor=1 task=0.25,                auto, 1,   0, 1, 1",
    "master=spark://h:7077 executor=2 task=1,                   gpu,  0.5, 0, 1, 0.5",
    "master=spark://h:7077 executor=1 task.cpus=2,              gpu,  1,   0, 2, 1",
    "master=spark://h:7077 executor=1 executor.cores=4,         gpu,  1,   4, 4, 1",
    "'master=local-cluster[2,1,1024] executor=1',               gpu,  1,   0, 1, 1",
    "master=k8s://https://h executor=1,                         gpu,  1,   0, 1, 1",
    "master=yarn executor=1 executor.cores=4 task=1,            gpu,  1,   3, 3, 1",
    "master=yarn executor.cores=4,                              auto, 1,   3, 3, 0",
    "master=yarn executor.cores=4 executor=1 task=1,            cpu,  1,   3, 3, 1",
    "master=yarn executor=1 dynamicAllocation.enabled=false,    gpu,  1,   0, 1, 1",
    "master=yarn executor=1 speculation=true,                   gpu,  1,   0, 1, 1",
    "master=yarn executor=1 task=1,                             auto, 0.25, 0, 1, 0.25",
  })
  @DisplayName("a fit takes resources of its own where tasks of the application have others")
  void own(String conf, String device, double gpus, int asked, int cpus, double gpusOfStage) {
    StageLevelScheduling s = decide(conf, device, gpus, asked);
    assertEquals(Verdict.OWN, s.verdict(), s::reason);
    assertEquals(cpus, s.cpus());
    assertEquals(gpusOfStage, s.gpus());
    assertEquals(
        "each worker takes %s, other stages take what spark.task.* says"
            .formatted(Cluster.demand(cpus, gpusOfStage)),
        s.reason());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "master=spark://h:7077 executor=1 | cpu | 1 | device is cpu",
        "master=spark://h:7077 | gpu | 1 |"
            + " executors have no GPU: spark.executor.resource.gpu.amount is not set",
        "master=local[4] | auto | 1 |"
            + " executors have no GPU: spark.executor.resource.gpu.amount is not set",
        "master=local[4] dynamic=true | cpu | 1 | device is cpu",
        "master=local[4] executor=1 | cpu | 1 | device is cpu",
        "master=yarn executor=1 task=1 | gpu | 1 |"
            + " all tasks take spark.task.resource.gpu.amount=1",
        "master=yarn executor=1 task=0.5 | auto | 0.5 |"
            + " all tasks take spark.task.resource.gpu.amount=0.5",
        "master=yarn speculation=true | cpu | 1 | device is cpu",
        "master=mesos://h executor=1 task=1 | gpu | 1 |"
            + " all tasks take spark.task.resource.gpu.amount=1",
      })
  @DisplayName("a fit takes what all tasks of the application take where that is right")
  void application(String conf, String device, double gpus, String reason) {
    StageLevelScheduling s = decide(conf, device, gpus, 0);
    assertEquals(Verdict.APPLICATION, s.verdict(), s::reason);
    assertEquals(reason, s.reason());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "master=local[4] executor=1 | 0 | gpusPerWorker=1 has no effect: master local[4] does not"
            + " schedule stages with resources of their own; unset"
            + " spark.executor.resource.gpu.amount, or use a cluster.",
        "master=local[4] | 2 | cpusPerWorker=2 has no effect: master local[4] does not schedule"
            + " stages with resources of their own; set spark.task.cpus=2.",
        "master=mesos://h executor=1 task=1 task.cpus=2 | 1 | cpusPerWorker=1 has no effect: master"
            + " mesos://h does not schedule stages with resources of their own; set"
            + " spark.task.cpus=1.",
        "master=mesos://h executor=1 | 0 | gpusPerWorker=1 has no effect: master mesos://h does"
            + " not schedule stages with resources of their own; set"
            + " spark.task.resource.gpu.amount=1.",
      })
  @DisplayName("a master that cannot do it is named, with what to set")
  void notPossible(String conf, int cpus, String reason) {
    StageLevelScheduling s = decide(conf, "auto", 1, cpus);
    assertEquals(Verdict.NOT_POSSIBLE, s.verdict(), s::reason);
    assertEquals(reason, s.reason());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "master=local[4] executor=1 task=1 | cpu | 0 | spark.task.resource.gpu.amount is set, but"
            + " master local[4] never assigns resources to tasks, so every job would wait for"
            + " ever; unset it, or use a cluster.",
        "master=yarn executor=1 dynamic=true | gpu | 0 | numWorkers: training runs in a barrier"
            + " stage, which Spark does not run with dynamic allocation; set"
            + " spark.dynamicAllocation.enabled=false.",
        "master=yarn dynamic=true | cpu | 0 | numWorkers: training runs in a barrier stage, which"
            + " Spark does not run with dynamic allocation; set"
            + " spark.dynamicAllocation.enabled=false.",
        "master=spark://h:7077 executor.cores=2 | cpu | 4 | cpusPerWorker: asked for 4 cores, an"
            + " executor has 2; lower cpusPerWorker or raise spark.executor.cores.",
      })
  @DisplayName("what would wait for ever is refused with what to set")
  void refused(String conf, String device, int cpus, String reason) {
    StageLevelScheduling s = decide(conf, device, 1, cpus);
    assertEquals(Verdict.REFUSED, s.verdict(), s::reason);
    assertEquals(reason, s.reason());
  }
}
