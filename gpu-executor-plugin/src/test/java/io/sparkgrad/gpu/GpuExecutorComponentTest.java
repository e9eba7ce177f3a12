// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.codahale.metrics.MetricRegistry;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.gpu.EmulatedGpuPlugin.FixedProvider;
import io.sparkgrad.gpu.cuda.DeviceSettings;
import io.sparkgrad.gpu.cuda.GpuDevice;
import io.sparkgrad.gpu.cuda.Leak;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import io.sparkgrad.gpu.cuda.driver.DeviceProperties;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkConf;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskResultLost$;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.scheduler.AccumulableInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

class GpuExecutorComponentTest {
  private static final Optional<String> BROKEN = Optional.of("the card is on fire");

  /** What executors told the driver. */
  private static final List<String> ASKED = new CopyOnWriteArrayList<>();

  @Test
  void namesTheAddressesOfAUsableGpu() {
    assertEquals(
        List.of("INFO executor 7: Spark assigned GPU ['0', '1'], backend cuda is usable"),
        log("auto", Optional.empty(), "0", "1"));
  }

  @Test
  void inLocalModeTasksShareTheGpusOfTheMachine() {
    try (var log = new LogCapture("io.sparkgrad.gpu")) {
      var conf = new SparkConf(false);
      component().init(new Context(conf, Map.of(), "driver", new MetricRegistry()), Map.of());
      assertEquals(
          List.of(
              "INFO executor driver: Spark assigned no GPU, so tasks share those of the machine"
                  + " (1), backend cuda is usable"),
          log.lines());
    }
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
      new GpuExecutorComponent(
              new FixedProvider(reason),
              settings -> {},
              address -> Optional.of(device(null)),
              lastWords -> {})
          .init(new Context(conf, resources, "7", new MetricRegistry()), Map.of());
      return log.lines();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {46, 226, 700, 709, 714, 719, 810, 999})
  void aFatalErrorHoweverDeepEndsTheExecutor(int status) {
    var cause = new IllegalStateException("in a step", new RuntimeException(error(status)));
    assertEquals(1, exits("7", device(null), new ExceptionFailure(cause, noUpdates())));
  }

  @Test
  void otherFailuresDoNot() {
    assertEquals(0, exits("7", device(null), new ExceptionFailure(error(2), noUpdates())));
    assertEquals(0, exits("7", device(error(2)), TaskResultLost$.MODULE$));
  }

  /** As after a task that Spark killed, of which plugins see no exception. */
  @Test
  void aDeviceThatAnswersWithAFatalErrorEndsTheExecutor() {
    assertEquals(1, exits("7", device(error(719)), TaskResultLost$.MODULE$));
  }

  @Test
  void theDriverNeverEnds() {
    try (var log = new LogCapture("io.sparkgrad.gpu")) {
      assertEquals(0, exits("driver", device(null), new ExceptionFailure(error(700), noUpdates())));
      assertEquals(
          "ERROR the GPU is of no use to this process any more (CUDA: cuCall failed: NAME (700),"
              + " text); restart the application",
          log.lines().get(1));
    }
  }

  @Test
  void anAddressThatDoesNotExistIsAProblem() {
    var component =
        new GpuExecutorComponent(
            new FixedProvider(Optional.empty()),
            settings -> {},
            address -> {
              throw new BackendException("no device " + address);
            },
            lastWords -> {});
    Context context = context("7", new MetricRegistry());
    assertEquals(
        "executor 7: Spark assigned GPU ['0'], backend cuda is not usable: no device 0; set"
            + " spark.sparkgrad.gpu.required=false to compute on the CPU instead",
        assertThrows(IllegalStateException.class, () -> component.init(context, Map.of()))
            .getMessage());
  }

  @Test
  void registersWhatTheDeviceCounts() {
    var registry = new MetricRegistry();
    component().init(context("7", registry), Map.of());
    Map<String, Object> values = new TreeMap<>();
    registry.getGauges().forEach((name, gauge) -> values.put(name, gauge.getValue()));
    assertEquals(
        "{gpu.0.deviceToHostBytes=10, gpu.0.graphLaunches=7, gpu.0.hostToDeviceBytes=9,"
            + " gpu.0.kernelLaunches=6, gpu.0.memoryHeldBytes=1, gpu.0.memoryPeakBytes=3,"
            + " gpu.0.memoryUsedBytes=2, gpu.0.poolHits=4, gpu.0.poolMisses=5}",
        values.toString());
  }

  @Test
  void tellsTheDriverOfItsGpuAndTheBackendOfTheSettings() {
    ASKED.clear();
    var settings = new AtomicReference<DeviceSettings>();
    var conf =
        new SparkConf(false)
            .set("spark.sparkgrad.gpu.graphs", "false")
            .set("spark.sparkgrad.gpu.cublas", "false")
            .set("spark.sparkgrad.gpu.memory.fraction", "0.5")
            .set("spark.sparkgrad.gpu.memory.reserve", "1g")
            .set("spark.sparkgrad.gpu.memory.minFree", "0")
            .set("spark.sparkgrad.gpu.debugLeaks", "true");
    new GpuExecutorComponent(
            new FixedProvider(Optional.empty()),
            settings::set,
            address -> Optional.of(device(null)),
            lastWords -> {})
        .init(context(conf, "7", new MetricRegistry()), Map.of());
    assertEquals(new DeviceSettings(false, false, 0.5, 1 << 30, 0, true), settings.get());
    assertEquals(
        List.of(
            "executor 7 on host has GPU '0': Tesla T4 (GPU-a), compute capability 7.5, 14336 of"
                + " 15360 MiB free, may hold 13312 MiB, driver for CUDA 12.4"),
        ASKED);
  }

  /** The device says that it was asked for memory once, and leaks whenever it is asked. */
  @Test
  void leaksAreLoggedAfterTheTaskThatMayHaveMadeThemAndAtTheEnd() {
    var component = component();
    var conf = new SparkConf(false).set("spark.sparkgrad.gpu.debugLeaks", "true");
    component.init(context(conf, "7", new MetricRegistry()), Map.of());
    try (var log = new LogCapture("io.sparkgrad.gpu")) {
      component.onTaskSucceeded();
      component.onTaskSucceeded();
      assertEquals(1, log.lines().size());
      List<String> lines = log.lines().get(0).lines().toList();
      assertEquals(
          List.of(
              "WARN executor 7, GPU '0': memory that no scope gave back, and which waited for the"
                  + " garbage collector:",
              "100 bytes in 2 pieces, allocated",
              "  at C.m(C.java:0)"),
          lines.subList(0, 3));
      assertEquals("and 200 bytes from 2 other places", lines.get(lines.size() - 1));
      component.shutdown();
      assertEquals(3, log.lines().size());
      assertEquals(
          "WARN executor 7, GPU '0': memory that is still in use at the end:\n512 bytes in 1 piece,"
              + " allocated\n  at C.cache(C.java:1)",
          log.lines().get(2));
    }
  }

  @Test
  void leaksAreNoMatterUnlessSomebodyAsks() {
    var component = component();
    component.init(context("7", new MetricRegistry()), Map.of());
    try (var log = new LogCapture("io.sparkgrad.gpu")) {
      component.onTaskSucceeded();
      component.shutdown();
      assertEquals(List.of(), log.lines());
    }
  }

  private static GpuExecutorComponent component() {
    return new GpuExecutorComponent(
        new FixedProvider(Optional.empty()),
        settings -> {},
        address -> Optional.of(device(null)),
        lastWords -> {});
  }

  private static CudaException error(int status) {
    return new CudaException("cuCall", status, "NAME", "text");
  }

  private static Seq<AccumulableInfo> noUpdates() {
    return CollectionConverters.asScala(List.<AccumulableInfo>of()).toSeq();
  }

  private static Context context(String executor, MetricRegistry registry) {
    return context(new SparkConf(false), executor, registry);
  }

  private static Context context(SparkConf conf, String executor, MetricRegistry registry) {
    return new Context(
        conf,
        Map.of("gpu", new ResourceInformation("gpu", new String[] {"0"})),
        executor,
        registry);
  }

  /** How often an executor with this device ends when a task fails so. */
  private static int exits(String executor, Backend device, TaskFailedReason reason) {
    var exits = new AtomicInteger();
    var component =
        new GpuExecutorComponent(
            new FixedProvider(Optional.empty()),
            settings -> {},
            address -> Optional.of(device),
            lastWords -> {
              lastWords.run();
              exits.incrementAndGet();
            });
    component.init(context(executor, new MetricRegistry()), Map.of());
    component.onTaskFailed(reason);
    return exits.get();
  }

  private static final GpuDevice COUNTERS =
      new GpuDevice() {
        @Override
        public DeviceProperties properties() {
          return new DeviceProperties("Tesla T4", 75, 40, 65_536, "GPU-a", 12_040);
        }

        @Override
        public CudaDriver.MemoryInfo memoryInfo() {
          return new CudaDriver.MemoryInfo(14L << 30, 15L << 30);
        }

        @Override
        public long memoryLimit() {
          return 13L << 30;
        }

        @Override
        public Snapshot metrics() {
          return new Snapshot(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        }

        @Override
        public List<Leak> collectedLeaks() {
          return IntStream.range(0, 12)
              .mapToObj(
                  i -> new Leak(2, 100, List.of(new StackTraceElement("C", "m", "C.java", i))))
              .toList();
        }

        @Override
        public List<Leak> inUse() {
          return List.of(
              new Leak(1, 512, List.of(new StackTraceElement("C", "cache", "C.java", 1))));
        }
      };

  /** Computes on the CPU, unless it is broken. */
  private static Backend device(RuntimeException broken) {
    Backend cpu = Backends.byName("java");
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class, GpuDevice.class},
            (self, method, args) -> {
              if (method.getDeclaringClass() == GpuDevice.class) {
                return method.invoke(COUNTERS, args);
              }
              if (broken != null) {
                throw broken;
              }
              return method.invoke(cpu, args);
            });
  }

  private record Context(
      SparkConf conf,
      Map<String, ResourceInformation> resources,
      String executorID,
      MetricRegistry metricRegistry)
      implements PluginContext {

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
      ASKED.add(message.toString());
      return "";
    }
  }
}
