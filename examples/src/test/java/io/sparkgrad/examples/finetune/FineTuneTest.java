// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.finetune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.examples.CommandLineRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job, small: few images, of few pixels, for few epochs. */
class FineTuneTest {
  private static final String CLASS_PATH = "spark.executor.extraClassPath";

  @TempDir private Path folder;
  private Path output;

  @BeforeEach
  void choose() throws Exception {
    output = Files.createDirectory(folder.resolve("digits"));
  }

  @BeforeAll
  static void executorsUseTheTestsClassPath() throws Exception {
    System.setProperty(
        CLASS_PATH,
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
  }

  @AfterAll
  static void restore() {
    System.clearProperty(CLASS_PATH);
  }

  private CommandLineRun run(String data, String... more) {
    List<String> args = new ArrayList<>(List.of("fine-tune", "--data", data));
    args.addAll(List.of("--output", output.toString(), "--size", "32"));
    args.addAll(List.of("--per-class", "3", "--test-per-class", "5", "--epochs", "2"));
    args.addAll(List.of(more));
    return CommandLineRun.of(args.toArray(String[]::new));
  }

  @Test
  @Tag("cluster")
  @DisplayName("two executors train, the pipeline is saved and loaded, both accuracies are printed")
  void wholeWay() throws Exception {
    CommandLineRun run = run("data");
    assertEquals(0, run.exitCode(), run.err());
    List<String> lines = run.out().lines().toList();
    assertEquals(
        "30 training and 50 held-back images of 20×20 pixels in 10 classes; 2 workers on"
            + " local-cluster[2,1,2048]",
        lines.get(0));
    assertTrue(run.out().contains("  conv_stem     2 parameters      320 values\n"), run.out());
    assertTrue(run.out().contains("\ntrained: head.weight head.bias\n"), run.out());
    String saved = "saved to " + output + ", loaded again and applied to the held-back images";
    assertTrue(lines.contains(saved), run.out());
    assertTrue(Files.isDirectory(output.resolve("stages")));
    Path report = folder.resolve("digits-report.html");
    assertTrue(lines.contains("epochs: 2 of 2"), run.out());
    assertTrue(lines.contains("report: " + report), run.out());
    assertTrue(Files.readString(report).contains("<svg"), "a page with curves");
    int n = lines.size();
    assertTrue(lines.get(n - 2).matches("accuracy frozen-backbone=[01]\\.\\d\\d"), run.out());
    assertTrue(lines.get(n - 1).matches("accuracy raw-pixels=[01]\\.\\d\\d"), run.out());
  }

  @Test
  void anUnknownLayerIsOneSentence() {
    CommandLineRun run = run("data", "--master", "local[2]", "--frozen", "conv9");
    assertEquals(1, run.exitCode());
    assertEquals(1, run.err().lines().count(), run.err());
    assertEquals(
        "fine-tune: frozenLayers: no layer or parameter is called 'conv9'; the layers of the network are"
            + " conv_stem, relu, blocks, pool, flatten, head (and 143 layers in all; namedModules() lists"
            + " them)",
        run.err().strip());
  }

  @Test
  void aFolderWithoutTheSheetIsOneSentence() {
    CommandLineRun run = run(output.toString(), "--master", "local[1]");
    assertEquals(1, run.exitCode());
    assertTrue(run.err().contains("opencv_digits.png: expected the sheet of digits"), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void whatIsNoSavedPipelineIsNotReplaced() throws Exception {
    Path diary = Files.writeString(output.resolve("diary.txt"), "dear diary");
    CommandLineRun run = run("data", "--master", "local[1]");
    assertEquals(
        "fine-tune: --output: %s is there and is no saved pipeline; it would be lost, so choose another path."
            .formatted(output),
        run.err().strip());
    assertTrue(Files.exists(diary));
  }
}
