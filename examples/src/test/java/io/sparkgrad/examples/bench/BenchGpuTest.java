// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.examples.CommandLineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BenchGpuTest {
  @Test
  void withoutAGpuItSaysWhyAndEndsWithACodeOfItsOwn() {
    assumeTrue(Backends.gpu(0).isEmpty(), "this machine has a GPU");
    CommandLineRun run = CommandLineRun.of("bench-gpu", "--quick");
    assertEquals(BenchGpu.NO_GPU, run.exitCode());
    assertEquals("no GPU: " + Backends.gpuUnavailableReason() + "\n", run.out());
  }

  @Test
  @DisplayName("a Python without torch is no peer, and no failure")
  void peerWithoutTorch() throws IOException {
    boolean hasPython =
        Stream.of(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "python3")));
    assumeTrue(hasPython, "there is no python3");
    Path script = BenchGpu.script();
    List<String> withoutPackages = List.of("python3", "-I", "-S", script.toString(), "fp32");
    try (CandidateProcess peer = CandidateProcess.start(withoutPackages)) {
      var reply = assertInstanceOf(Reply.Unsupported.class, peer.ask("start"));
      assertTrue(reply.reason().startsWith("this Python has no torch ("), reply.reason());
    } finally {
      Files.delete(script);
    }
  }
}
