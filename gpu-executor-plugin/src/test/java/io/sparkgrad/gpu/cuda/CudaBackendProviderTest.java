// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.gpu.cuda.driver.CublasLibrary;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import io.sparkgrad.gpu.cuda.driver.DeviceProperties;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaBackendProviderTest {
  private final CudaBackendProvider provider = new CudaBackendProvider();

  @Test
  void saysWhatThisMachineLacks() {
    assumeNoDriver();
    assertEquals(
        Optional.of(
            "no NVIDIA driver is installed here (libcuda.so.1 was not found): install 525 or newer"),
        provider.unavailableReason());
    assertEquals(0, provider.deviceCount());
  }

  @Test
  void opensNothingAndSaysWhy() {
    assumeNoDriver();
    var e = assertThrows(BackendException.class, () -> provider.open(0));
    assertEquals(provider.unavailableReason(), Optional.of(e.getMessage()));
  }

  private static void assumeNoDriver() {
    assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "there is an NVIDIA driver");
  }

  @Test
  void findsAGpuByItsUuid() {
    byte[] bytes = new byte[16];
    bytes[15] = (byte) 0xab;
    List<CudaRuntime.Device> devices =
        List.of(
            new CudaRuntime.Device("A", 80, DeviceProperties.uuid(new byte[16]), "00000000:01:00"),
            new CudaRuntime.Device("B", 80, DeviceProperties.uuid(bytes), "00000000:02:00"));
    assertEquals(
        1, CudaBackendProvider.ordinal("GPU-00000000-0000-0000-0000-0000000000AB", devices));
    assertEquals(
        "cuda: expected the UUID of one of the GPUs here, [GPU-00000000-0000-0000-0000-000000000000, GPU-00000000-0000-0000-0000-0000000000ab], got 'GPU-0'; correct what the scheduler finds on this machine (its discovery script or plugin)",
        assertThrows(BackendException.class, () -> CudaBackendProvider.ordinal("GPU-0", devices))
            .getMessage());
  }

  @Test
  void numbersCountAsNvidiaSmiDoesUnlessTheEnvironmentSaysHow() {
    List<CudaRuntime.Device> fastestFirst =
        Stream.of("00000000:af:00", "00000000:3b:00", "00000001:01:00", "00000000:3b:01")
            .map(place -> new CudaRuntime.Device("A", 80, "GPU-" + place, place))
            .toList();
    assertEquals(List.of(1, 3, 0, 2), ordinals(fastestFirst, Set.of("PATH")));
    for (String variable : List.of("CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES")) {
      assertEquals(List.of(0, 1, 2, 3), ordinals(fastestFirst, Set.of("PATH", variable)));
    }
  }

  private static List<Integer> ordinals(List<CudaRuntime.Device> devices, Set<String> environment) {
    return IntStream.range(0, devices.size())
        .mapToObj(number -> CudaBackendProvider.ordinal(number, devices, environment))
        .toList();
  }

  private static String refusal(CudaDriver driver, DeviceSettings settings) {
    String message =
        assertThrows(
                BackendException.class, () -> CudaBackendProvider.open("cuda", driver, settings))
            .getMessage();
    assertThrows(CudaException.class, driver::memory, "the driver is given back");
    return message;
  }

  @Test
  void refusesADeviceThatOthersFill() {
    var driver = new EmulatedCudaDriver();
    driver.allocate(1900L << 20);
    assertEquals(
        "cuda: expected at least 512 MiB of free memory on Emulated GPU, got 148 of 2048 MiB; see who holds the others with nvidia-smi, or lower spark.sparkgrad.gpu.memory.minFree",
        refusal(driver, DeviceSettings.DEFAULT));
  }

  @Test
  void refusesADeviceThatTheReserveTakesWhole() {
    assertEquals(
        "cuda: spark.sparkgrad.gpu.memory.reserve is 2048 MiB, expected less than the 2048 MiB that Emulated GPU has",
        refusal(new EmulatedCudaDriver(), DeviceSettings.DEFAULT.withMemory(1, 2L << 30, 0)));
  }

  @Test
  void opensADeviceWithItsShareOfTheMemory() {
    CudaBackend backend =
        CudaBackendProvider.open(
            "cuda:1",
            new EmulatedCudaDriver(),
            DeviceSettings.DEFAULT.withMemory(0.25, 1L << 30, 2L << 30));
    assertEquals(256 << 20, backend.memoryLimit());
    assertEquals("cuda:1", backend.name());
  }

  @Test
  void asksTheMachineOnce() {
    assertSame(CudaProbe.thisMachine(), CudaProbe.thisMachine());
  }

  @Test
  void backendsFindItAndPassItsReasonOn() {
    assumeNoDriver();
    assertEquals(DeviceType.GPU, provider.deviceType());
    assertEquals(Optional.empty(), Backends.gpu(0));
    assertEquals(
        "cuda: " + provider.unavailableReason().orElseThrow(), Backends.gpuUnavailableReason());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/jcuda-natives- | JCuda's native library for Linux x86_64 does not load on .*"
            + " \\(java.io.IOException: No resource found with name '/lib/.*JCudaRuntime.*'\\)",
        "/jcuda | JCuda's native library for Linux x86_64 does not load on .*"
            + " \\(java.lang.NoClassDefFoundError: jcuda/runtime/JCuda\\)",
      })
  void withoutJCudaTheReasonNamesWhatIsMissing(String withoutJar, String expected)
      throws Exception {
    try (var loader = classPathWithout(withoutJar)) {
      Class<?> type = loader.loadClass(CudaBackendProvider.class.getName());
      Object other = type.getConstructor().newInstance();
      assertEquals("cuda", type.getMethod("name").invoke(other));
      var reason = (Optional<?>) type.getMethod("unavailableReason").invoke(other);
      assertTrue(reason.orElseThrow().toString().matches(expected), reason.toString());
      assertEquals(reason, type.getMethod("unavailableReason").invoke(other));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/jcublas-natives- | JCublas2 does not load \\(java.io.IOException: No resource found with"
            + " name '/lib/.*JCublas2.*'\\)",
        "/jcublas | JCublas2 does not load \\(java.lang.NoClassDefFoundError:"
            + " jcuda/jcublas/JCublas2\\)",
      })
  void withoutJCublasTheReasonNamesWhatIsMissing(String withoutJar, String expected)
      throws Exception {
    try (var loader = classPathWithout(withoutJar)) {
      var unavailableReason =
          loader.loadClass(CublasLibrary.class.getName()).getMethod("unavailableReason");
      var reason = (Optional<?>) unavailableReason.invoke(null);
      assertTrue(reason.orElseThrow().toString().matches(expected), reason.toString());
      assertEquals(reason, unavailableReason.invoke(null));
    }
  }

  /** This class path, loaded afresh, without the jars that have this in their path. */
  private static URLClassLoader classPathWithout(String jar) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.contains(jar)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }
}
