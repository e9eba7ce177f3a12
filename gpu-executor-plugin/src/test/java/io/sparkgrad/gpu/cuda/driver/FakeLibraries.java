// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Libraries of NVIDIA as the C compiler of this machine makes them from the sources beside the
 * tests, and processes that JCuda's own native libraries meet them in. Calls that they log go to
 * {@link #log}.
 */
record FakeLibraries(Path directory) {
  Path log() {
    return directory.resolve("log");
  }

  /**
   * Compiles {@code NAME.c}, or skips the calling test where there is no compiler.
   *
   * @param name without the ending: {@code libcuda}
   * @param version what stands behind {@code .so.}; symbols have the version {@code
   *     NAME.so.VERSION}
   */
  Path compile(String name, int version) throws IOException, InterruptedException {
    assumeTrue(canRun("cc"), "no C compiler (cc) here");
    Path source = directory.resolve(name + ".c");
    try (var in = Objects.requireNonNull(getClass().getResourceAsStream(name + ".c"))) {
      Files.copy(in, source);
    }
    String soname = name + ".so." + version;
    Path symbols = Files.writeString(directory.resolve(name + ".map"), soname + " { *; };\n");
    Path library = directory.resolve(soname);
    String output =
        run(
            List.of(
                "cc",
                "-shared",
                "-fPIC",
                "-Wl,-soname," + soname,
                "-Wl,--version-script=" + symbols,
                "-o",
                library.toString(),
                source.toString(),
                "-lm"));
    assertEquals("", output, "the compiler says nothing");
    return library;
  }

  private static boolean canRun(String command) {
    return List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, command)));
  }

  /** What a main class on this class path says in a process of its own. */
  String run(Class<?> main, Path... libraries) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-Djava.io.tmpdir=" + directory);
    command.add(main.getName());
    command.add(log().toString());
    List.of(libraries).forEach(library -> command.add(library.toString()));
    return run(command);
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("FAKE_CUDA_LOG", log().toString());
    Process process = builder.start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, command.get(0) + " did not end");
    return Files.readString(output);
  }
}
