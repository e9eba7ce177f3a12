// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script with an nvidia-smi of the test's on its PATH. */
class GetGpusScriptTest {
  private static final Path SCRIPT = Path.of("src/main/scripts/get-gpus.sh").toAbsolutePath();

  @TempDir Path dir;

  private record Result(int code, String out, String error) {}

  private Result run() throws IOException, InterruptedException {
    Path out = dir.resolve("out");
    Path error = dir.resolve("error");
    ProcessBuilder builder =
        new ProcessBuilder("/bin/sh", SCRIPT.toString())
            .redirectOutput(out.toFile())
            .redirectError(error.toFile());
    builder.environment().put("PATH", dir.resolve("bin").toString());
    Process process = builder.start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Result(
        process.exitValue(), Files.readString(out).strip(), Files.readString(error).strip());
  }

  private void nvidiaSmi(String script) throws IOException {
    Path file = Files.createDirectories(dir.resolve("bin")).resolve("nvidia-smi");
    Files.write(file, ("#!/bin/sh\n" + script + "\n").getBytes(StandardCharsets.UTF_8));
    assertTrue(file.toFile().setExecutable(true));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo 0 | {\"name\": \"gpu\", \"addresses\": [\"0\"]}",
        "echo 0; echo 1 | {\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}",
      })
  void printsAddresses(String script, String json) throws Exception {
    nvidiaSmi(script);
    assertEquals(new Result(0, json, ""), run());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true | nvidia-smi finds no GPU here",
        "echo broken; exit 9 | nvidia-smi failed: broken",
        "echo No devices were found |"
            + " expected numbers of GPUs from nvidia-smi, got: No devices were found",
      })
  void refuses(String script, String sentence) throws Exception {
    nvidiaSmi(script);
    assertEquals(new Result(1, "", "get-gpus.sh: " + sentence), run());
  }

  @Test
  void refusesWithoutNvidiaSmi() throws Exception {
    assertEquals(
        new Result(
            1,
            "",
            "get-gpus.sh: no nvidia-smi on the PATH: install the NVIDIA driver, or put its"
                + " directory on the PATH"),
        run());
  }
}
