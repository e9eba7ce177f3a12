// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
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
    Path source = directory.resolve("libcuda.c");
    try (var in = Objects.requireNonNull(getClass().getResourceAsStream("libcuda.c"))) {
      Files.copy(in, source);
    }
    Path library = directory.resolve("libcuda.so.1");
    List<String> compile =
        List.of(
            "cc",
            "-shared",
            "-fPIC",
            "-Wl,-soname,libcuda.so.1",
            "-o",
            library.toString(),
            source.toString());
    assumeTrue(canRun("cc"), "no C compiler (cc) here");
    assertEquals("", run(compile), "the compiler says nothing");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String output =
        run(
            List.of(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                "-Djava.io.tmpdir=" + directory,
                JCudaDriverSession.class.getName(),
                library.toString(),
                directory.resolve("log").toString()));
    assertTrue(output.endsWith("all well\n"), output);
  }

  private static boolean canRun(String command) {
    return List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("FAKE_CUDA_LOG", directory.resolve("log").toString());
    Process process = builder.start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, command.get(0) + " did not end");
    return Files.readString(output);
  }
}
