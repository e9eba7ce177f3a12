// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The README's pipelines are code that the build compiles, and the links lead somewhere. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void pipelineInJava() throws IOException {
    assertStandsIn("java", "examples/src/test/java/io/sparkgrad/examples/ReadmePipeline.java");
  }

  @Test
  void pipelineInScala() throws IOException {
    assertStandsIn(
        "scala", "spark-estimator/src/test/scala/io/sparkgrad/spark/AutogradClassifierSuite.scala");
  }

  @Test
  void links() throws IOException {
    Matcher link = Pattern.compile("]\\(([^)#]+)\\)").matcher(readme());
    assertTrue(link.find());
    do {
      assertTrue(Files.exists(ROOT.resolve(link.group(1))), link.group(1));
    } while (link.find());
  }

  /** The first block of this language is, but for indentation, consecutive lines of the file. */
  private static void assertStandsIn(String language, String file) throws IOException {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(readme());
    assertTrue(block.find(), "no block in " + language);
    List<String> lines = block.group(1).lines().toList();
    assertTrue(lines.size() <= 15, lines.size() + " lines");
    String snippet = stripped(lines);
    String source = stripped(Files.readAllLines(ROOT.resolve(file)));
    int at = source.indexOf(lines.get(0).strip());
    assertTrue(at >= 0, lines.get(0));
    assertEquals(snippet, source.substring(at, Math.min(source.length(), at + snippet.length())));
  }

  private static String stripped(List<String> lines) {
    return lines.stream().map(String::strip).collect(Collectors.joining("\n"));
  }

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }
}
