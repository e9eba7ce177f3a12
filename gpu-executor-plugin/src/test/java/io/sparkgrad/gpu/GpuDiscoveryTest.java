// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.gpu.cuda.CudaProbe;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ResourceID;
import org.apache.spark.resource.ResourceRequest;
import org.junit.jupiter.api.Test;

class GpuDiscoveryTest {
  private static final CudaProbe TWO = new CudaProbe(List.of("A", "B"), 12040, Optional.empty());
  private static final CudaProbe NONE = new CudaProbe(List.of(), 0, Optional.of("no driver"));

  @Test
  void givesOrdinalsAsManyAsAskedFor() {
    assertArrayEquals(new String[] {"0"}, addresses(1));
    assertArrayEquals(new String[] {"0", "1"}, addresses(2));
  }

  /** Spark compares the numbers itself and names both. */
  @Test
  void givesAllWhereThereAreFewer() {
    assertArrayEquals(new String[] {"0", "1"}, addresses(3));
  }

  @Test
  void leavesOtherResourcesToOthers() {
    var fpga = new ResourceRequest(id("fpga"), 1, Optional.empty(), Optional.empty());
    assertEquals(Optional.empty(), new GpuDiscovery().discoverResource(fpga, new SparkConf(false)));
  }

  @Test
  void saysWhyThereIsNoGpu() {
    var e =
        assertThrows(
            IllegalStateException.class,
            () -> GpuDiscovery.discover(gpus(1, Optional.empty()), NONE));
    assertEquals(
        "GPU discovery for spark.worker: expected 1, found none: no driver; unset"
            + " spark.worker.resource.gpu.amount to go on without",
        e.getMessage());
  }

  @Test
  void leavesItToTheScriptIfThereIsOne() {
    try (var log = new LogCapture("io.sparkgrad.gpu")) {
      assertEquals(
          Optional.empty(), GpuDiscovery.discover(gpus(1, Optional.of("/opt/gpus.sh")), NONE));
      assertEquals(
          List.of(
              "WARN GPU discovery for spark.worker: expected 1, found none: no driver; asking the"
                  + " discovery script /opt/gpus.sh"),
          log.lines());
    }
  }

  private static String[] addresses(long amount) {
    var found = GpuDiscovery.discover(gpus(amount, Optional.empty()), TWO).orElseThrow();
    assertEquals("gpu", found.name());
    return found.addresses();
  }

  private static ResourceRequest gpus(long amount, Optional<String> script) {
    return new ResourceRequest(id("gpu"), amount, script, Optional.empty());
  }

  private static ResourceID id(String resource) {
    return new ResourceID("spark.worker", resource);
  }
}
