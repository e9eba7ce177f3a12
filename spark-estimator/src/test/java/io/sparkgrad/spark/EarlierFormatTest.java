// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages that earlier versions saved; the folder format-1 is of the first. */
class EarlierFormatTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Path saved(String name) throws URISyntaxException {
    URL url = EarlierFormatTest.class.getResource("/format-1/" + name);
    return Path.of(Objects.requireNonNull(url, name).toURI());
  }

  @Test
  @DisplayName("a model of format 1 is loaded, with its Params and history, and predicts as it did")
  void model() throws Exception {
    AutogradClassificationModel model = AutogradClassificationModel.load(saved("model").toString());
    assertEquals("autogradClassifier_293913883ab0", model.uid());
    assertEquals(7, model.getInferenceBatchSize());
    assertEquals(List.of("fc1.weight", "fc1.bias"), model.frozenParameters());
    assertEquals(5, model.summary().totalIterations());
    List<String> lines = Files.readAllLines(saved("predictions.tsv"));
    assertEquals(5, lines.size());
    for (String line : lines) {
      String[] fields = line.split("\t", -1);
      assertEquals(vector(fields[1]), model.predictRaw(vector(fields[0])));
    }
  }

  private static Vector vector(String text) {
    return Vectors.dense(
        Stream.of(text.substring(1, text.length() - 1).split(",", -1))
            .mapToDouble(Double::parseDouble)
            .toArray());
  }

  @Test
  @DisplayName("a pipeline and an estimator of format 1 are loaded")
  void pipelineAndEstimator() throws Exception {
    PipelineModel pipeline = PipelineModel.load(saved("pipelineModel").toString());
    assertEquals(60, pipeline.transform(Toys.triangle(spark, 60, 2)).count());
    AutogradClassifier estimator = AutogradClassifier.load(saved("estimator").toString());
    assertEquals("weight", estimator.getWeightCol());
    assertEquals(5, estimator.getMaxIter());
    assertEquals(0.05, estimator.getLearningRate());
  }

  @Test
  @DisplayName("a format of the future is refused in a sentence")
  void future(@TempDir Path dir) throws Exception {
    Path path = dir.resolve("estimator");
    Toys.classifier().write().save(path.toString());
    Path metadata;
    try (Stream<Path> files = Files.list(path.resolve("metadata"))) {
      metadata =
          files.filter(f -> f.getFileName().toString().startsWith("part-")).findAny().orElseThrow();
    }
    rewrite(metadata);
    var refused =
        assertThrows(
            IllegalArgumentException.class, () -> AutogradClassifier.load(path.toString()));
    assertTrue(
        refused.getMessage().contains("saved in format 99, this version of Sparkgrad reads"),
        refused.getMessage());
  }

  private static void rewrite(Path metadata) throws IOException {
    String json = Files.readString(metadata);
    String changed = json.replaceFirst("\"sparkgradFormat\":\\d+", "\"sparkgradFormat\":99");
    assertTrue(!changed.equals(json), json);
    Files.writeString(metadata, changed);
    Files.deleteIfExists(metadata.resolveSibling("." + metadata.getFileName() + ".crc"));
  }
}
