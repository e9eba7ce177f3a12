// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JCublas2's own native library over a libcublas.so.12, as {@link JCudaDriverTest}. */
class JCublasTest {
  @TempDir private Path directory;

  @Test
  @DisplayName("products and errors through JCublas2")
  void aSessionWithAFakeLibrary() throws Exception {
    var fakes = new FakeLibraries(directory);
    Path driver = fakes.compile("libcuda", 1);
    Path cublas = fakes.compile("libcublas", 12);
    String output = fakes.run(JCublasSession.class, driver, cublas);
    assertTrue(output.endsWith("all well\n"), output);
    assertSays(output, "Fake GPU 1: large matrix products by cuBLAS 12.6.4");
    assertSays(
        output,
        "Fake GPU 1: matrix products by own kernels, without cuBLAS: CUDA: cublasCreate failed: CUBLAS_STATUS_NOT_INITIALIZED (1), the library was not initialized");
  }

  @Test
  @DisplayName(
      "where libcublas is not installed the driver works, and the log says what is missing")
  void aSessionWithoutTheLibrary() throws Exception {
    var fakes = new FakeLibraries(directory);
    String output = fakes.run(JCublasSession.class, fakes.compile("libcuda", 1));
    assumeFalse(output.endsWith("all well\n"), "libcublas is installed here");
    String reason =
        "libcublas.so.12 was not found: CUDA 12's toolkit has it, and its directory has to be in LD_LIBRARY_PATH (spark.executor.extraLibraryPath)";
    assertTrue(output.endsWith(reason + "\n"), output);
    assertSays(output, "Fake GPU 1: matrix products by own kernels, without cuBLAS: " + reason);
  }

  private static void assertSays(String output, String line) {
    assertTrue(output.lines().anyMatch(l -> l.endsWith(line)), output);
  }
}
