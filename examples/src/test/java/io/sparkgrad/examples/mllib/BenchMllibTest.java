// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.mllib;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.examples.CommandLineRun;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on a few tiny images: class c is bright in pixel c. */
class BenchMllibTest {
  private static final int SIDE = 4;

  @TempDir private Path folder;

  private void write(String part, int n) throws IOException {
    Random random = new Random(n);
    byte[] labels = new byte[n];
    byte[] pixels = new byte[n * SIDE * SIDE];
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 10);
      for (int p = 0; p < SIDE * SIDE; p++) {
        pixels[i * SIDE * SIDE + p] = (byte) (random.nextInt(60) + (p == i % 10 ? 180 : 0));
      }
    }
    write(part + "-images-idx3-ubyte.gz", pixels, n, SIDE, SIDE);
    write(part + "-labels-idx1-ubyte.gz", labels, n);
  }

  private Path write(String name, byte[] bytes, int... sizes) throws IOException {
    Path file = folder.resolve(name);
    try (var out = new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
      out.writeInt(0x0800 + sizes.length);
      for (int size : sizes) {
        out.writeInt(size);
      }
      out.write(bytes);
    }
    return file;
  }

  @Test
  @DisplayName(
      "both are fitted, ours until it reaches the other's accuracy, and the ratio is printed")
  void wholeWay() throws Exception {
    write("train", 200);
    write("t10k", 50);
    CommandLineRun run =
        CommandLineRun.of(
            "bench-mllib",
            "--data",
            folder.toString(),
            "--iterations",
            "1,5",
            "--epochs",
            "1,40",
            "--learning-rate",
            "0.02",
            "--batch-size",
            "10",
            "--rounds",
            "2");
    assertEquals(0, run.exitCode(), run.err() + run.out());
    List<String> lines = run.out().lines().toList();
    assertEquals("200 training and 50 test images, 2 cores", lines.get(0));
    String fit = "fit learner=%s seconds=\\d+\\.\\d\\d accuracy=[01]\\.\\d{4}";
    assertTrue(lines.get(1).matches(fit.formatted("mllib iterations=1")), run.out());
    assertTrue(lines.get(2).matches(fit.formatted("mllib iterations=5")), run.out());
    assertTrue(lines.get(3).matches(fit.formatted("sparkgrad epochs=1")), run.out());
    String number = "\\d+\\.\\d\\d";
    String ratio = "ratio workload=fashion-mnist-mlp threads=2 value=%s best=%s";
    assertEquals(
        1,
        lines.stream().filter(l -> l.matches(ratio.formatted(number, number))).count(),
        run.out());
    assertEquals(2, lines.stream().filter(l -> l.startsWith("time learner=")).count(), run.out());
  }

  @Test
  void filesThatAreNotThereAreOneSentenceThatSaysWhereToGetThem() {
    CommandLineRun run = CommandLineRun.of("bench-mllib", "--data", folder.toString());
    assertEquals(1, run.exitCode());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(
        run.err().contains("train-images-idx3-ubyte.gz is not there; Fashion-MNIST's four files"),
        run.err());
    assertTrue(run.err().contains("dataset-fashion-mnist"), run.err());
  }

  @Test
  void anIdxFile() throws Exception {
    IdxFile file = IdxFile.read(write("a.gz", new byte[] {1, 2, 3, 4, 5, (byte) 250}, 2, 1, 3));
    assertEquals(2, file.items());
    assertEquals(3, file.length());
    assertEquals(250, file.unsigned(1, 2));
    assertArrayEquals(new byte[] {1, 2, 3, 4, 5, (byte) 250}, file.bytes());
  }

  @Test
  void whatIsNoIdxFileIsASentence() throws Exception {
    Path text = Files.writeString(folder.resolve("text.gz"), "text");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> IdxFile.read(text));
    assertTrue(
        e.getMessage().contains("text.gz cannot be read as a compressed IDX file"), e.getMessage());
  }
}
