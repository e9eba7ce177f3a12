// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DeviceType;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaBackendProviderTest {
  private final CudaBackendProvider provider = new CudaBackendProvider();

  @Test
  void saysWhatThisMachineLacks() {
    String reason = provider.unavailableReason().orElseThrow();
    String expected =
        Files.exists(Path.of("/dev/nvidiactl"))
            ? ".*no CUDA kernels yet"
            : "no NVIDIA driver is installed here \\(libcuda.so.1 was not found\\): install 525 or"
                + " newer";
    assertTrue(reason.matches(expected), reason);
  }

  @Test
  void opensNothingAndSaysWhy() {
    var e = assertThrows(BackendException.class, () -> provider.open(0));
    assertEquals(provider.unavailableReason(), Optional.of(e.getMessage()));
  }

  @Test
  void asksTheMachineOnce() {
    assertSame(CudaProbe.thisMachine(), CudaProbe.thisMachine());
  }

  @Test
  void backendsFindItAndPassItsReasonOn() {
    assertEquals(DeviceType.GPU, provider.deviceType());
    assertEquals(Optional.empty(), Backends.gpu(0));
    assertEquals(
        "cuda: " + provider.unavailableReason().orElseThrow(), Backends.gpuUnavailableReason());
  }

  @Test
  void aMachineWithAGpuIsToldThatThereAreNoKernels() {
    assertEquals(
        "1 GPU (NVIDIA L4), driver for CUDA 12.4: found, but this version of Sparkgrad has no CUDA"
            + " kernels yet",
        CudaBackendProvider.reason(new CudaProbe(List.of("NVIDIA L4"), 12040, Optional.empty())));
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
