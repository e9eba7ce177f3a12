// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JCuda's own native library over a libcuda.so.1 that the C compiler of this machine makes, in a
 * process of its own: what Java says arrives as the driver reads it.
 */
class JCudaDriverTest {
  @TempDir private Path directory;

  @Test
  @DisplayName("copies, launches, graphs and errors through JCuda")
  void aSessionWithAFakeLibrary() throws Exception {
    var fakes = new FakeLibraries(directory);
    String output = fakes.run(JCudaDriverSession.class, fakes.compile("libcuda", 1));
    assertTrue(output.endsWith("all well\n"), output);
  }
}
