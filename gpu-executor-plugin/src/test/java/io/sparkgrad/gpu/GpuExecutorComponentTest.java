// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.codahale.metrics.MetricRegistry;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendProvider;
import io.sparkgrad.backend.DeviceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GpuExecutorComponentTest {
  private static final Optional<String> BROKEN = Optional.of("the card is on fire");

  @Test
  void namesTheAddressesOfAUsableGpu() {
    assertEquals(
        List.of("INFO executor 7: Spark assigned GPU ['0', '1'], backend cuda is usable"),
        log("auto", Optional.empty(), "0", "1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "false"})
  void goesOnWithoutAGpuThatNobodyPromised(String required) {
    assertEquals(
        List.of(
            "WARN executor 7: Spark assigned no GPU, backend cuda is not usable, so it computes on"
                + " the CPU: the card is on fire"),
        log(required, BROKEN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "true"})
  void refusesWhenThePromisedGpuIsNotUsable(String required) {
    var e = assertThrows(IllegalStateException.class, () -> log(required, BROKEN, "0"));
    assertEquals(
        "executor 7: Spark assigned GPU ['0'], backend cuda is not usable: the card is on fire;"
            + " set spark.sparkgrad.gpu.required=false to compute on the CPU instead",
        e.getMessage());
  }

  @Test
  void refusesWithoutAGpuWhereItIsRequired() {
    var e = assertThrows(IllegalStateException.class, () -> log("true", BROKEN));
    assertEquals(
        "executor 7: Spark assigned no GPU, backend cuda is not usable: the card is on fire;"
            + " set spark.sparkgrad.gpu.required=false to compute on the CPU instead",
        e.getMessage());
  }

  @Test
  void computesOnTheCpuWhereTheUserSaidSo() {
    assertEquals(
        List.of(
            "WARN executor 7: Spark assigned GPU ['0'], backend cuda is not usable, so it computes"
                + " on the CPU: the card is on fire"),
        log("false", BROKEN, "0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "NVIDIA-SMI has failed", "-1", "GPU-"})
  void anAddressThatIsNoneNamesTheDiscoveryScript(String address) {
    assertEquals(
        List.of(
            ("WARN executor 7: Spark assigned GPU ['%s'], backend cuda is not usable, so it"
                    + " computes on the CPU: GPU address: expected a number or a UUID (GPU-… or"
                    + " MIG-…), got '%s'; correct the discovery script"
                    + " (spark.*.resource.gpu.discoveryScript) or use"
                    + " spark.resources.discoveryPlugin=io.sparkgrad.gpu.GpuDiscovery")
                .formatted(address, address)),
        log("false", Optional.empty(), address));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "15", "GPU-8f6cd0ba-1c2d-4e5f", "MIG-GPU-8f6cd0ba-1c2d/1/0"})
  void takesNumbersAndUuids(String address) {
    assertEquals(
        List.of("INFO executor 7: Spark assigned GPU ['" + address + "'], backend cuda is usable"),
        log("true", Optional.empty(), address));
  }

  /** What executor 7 logs when it starts with these GPU addresses. */
  private static List<String> log(String required, Optional<String> reason, String... addresses) {
    var conf = new SparkConf(false).set("spark.sparkgrad.gpu.required", required);
    Map<String, ResourceInformation> resources =
        addresses.length == 0 ? Map.of() : Map.of("gpu", new ResourceInformation("gpu", addresses));
    try (var log = new LogCapture("io.sparkgrad.gpu")) {
      new GpuExecutorComponent(new FixedProvider(reason))
          .init(new Context(conf, resources), Map.of());
      return log.lines();
    }
  }

  private record FixedProvider(Optional<String> unavailableReason) implements BackendProvider {
    @Override
    public String name() {
      return "cuda";
    }

    @Override
    public DeviceType deviceType() {
      return DeviceType.GPU;
    }

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public Backend open(int ordinal) {
      throw new UnsupportedOperationException();
    }
  }

  private record Context(SparkConf conf, Map<String, ResourceInformation> resources)
      implements PluginContext {
    @Override
    public MetricRegistry metricRegistry() {
      return new MetricRegistry();
    }

    @Override
    public String executorID() {
      return "7";
    }

    @Override
    public String hostname() {
      return "host";
    }

    @Override
    public void send(Object message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object ask(Object message) {
      throw new UnsupportedOperationException();
    }
  }
}
