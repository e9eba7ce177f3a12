// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.spark.data.InputException;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClusterTest {
  @Test
  @DisplayName("dynamic allocation is refused with the setting to change, but not on local threads")
  void dynamicAllocation() {
    SparkConf conf = new SparkConf(false).set("spark.dynamicAllocation.enabled", "true");
    InputException e =
        assertThrows(InputException.class, () -> Cluster.requireStaticAllocation(conf, false));
    assertEquals(
        "numWorkers: training runs in a barrier stage, which Spark does not run with dynamic"
            + " allocation; set spark.dynamicAllocation.enabled=false.",
        e.getMessage());
    assertDoesNotThrow(() -> Cluster.requireStaticAllocation(conf, true));
    assertDoesNotThrow(() -> Cluster.requireStaticAllocation(new SparkConf(false), false));
  }

  @Test
  @DisplayName("too few slots name the cores and GPUs that a task takes, where they matter")
  void demand() {
    assertEquals("", Cluster.demand(profile(new TaskResourceRequests().cpus(1))));
    assertEquals(
        " where a task takes spark.task.cpus=2",
        Cluster.demand(profile(new TaskResourceRequests().cpus(2))));
    assertEquals(
        " where a task takes spark.task.resource.gpu.amount=0.5",
        Cluster.demand(profile(new TaskResourceRequests().cpus(1).resource("gpu", 0.5))));
  }

  private static ResourceProfile profile(TaskResourceRequests requests) {
    return new ResourceProfileBuilder().require(requests).build();
  }
}
