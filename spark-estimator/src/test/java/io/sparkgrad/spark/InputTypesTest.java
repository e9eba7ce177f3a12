// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.ConcatBranches;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Embedding;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of features, through fit and transform. */
class InputTypesTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static AutogradClassifier linear(int in) {
    return new AutogradClassifier()
        .setNetwork(new Sequential(new Linear(in, 2)))
        .setSeed(1)
        .setMaxIter(2)
        .setBatchSize(4);
  }

  /** Three small integers and a class. */
  private static Dataset<Row> integers() {
    return spark
        .range(12)
        .select(
            expr("array(cast(id as int), cast(id % 3 as int), cast(7 as int))").as("features"),
            expr("cast(id % 2 as int)").as("label"))
        .coalesce(1);
  }

  private static List<Row> probabilities(AutogradClassificationModel model, Dataset<Row> data) {
    return model.transform(data).select("probability").collectAsList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,2)"})
  @DisplayName("arrays of every number type train and predict as arrays of double do")
  void arrays(String type) {
    Dataset<Row> doubles = integers().withColumn("features", col("features").cast("array<double>"));
    Dataset<Row> others =
        integers().withColumn("features", col("features").cast("array<" + type + ">"));
    assertEquals(
        probabilities(linear(3).fit(doubles), doubles),
        probabilities(linear(3).fit(others), others));
  }

  @Test
  @DisplayName("integers are tokens for a network that begins with an Embedding")
  void tokens() {
    Module network = new Sequential(new Embedding(12, 4), new Flatten(), new Linear(12, 2));
    AutogradClassificationModel model =
        new AutogradClassifier()
            .setNetwork(network)
            .setMaxIter(40)
            .setLearningRate(0.05)
            .fit(integers());
    assertEquals(0, model.transform(integers()).filter("prediction != label").count());
    Tensor expected = model.module().call(Tensor.of(new long[] {5, 2, 7}, 1, 3));
    Row row = model.transform(integers()).collectAsList().get(5);
    assertEquals(2, model.numClasses());
    assertEquals(row.getAs("rawPrediction"), model.predictRaw(Vectors.dense(5, 2, 7)));
    var e =
        assertThrows(IllegalArgumentException.class, () -> model.predict(Vectors.dense(5, 2, 0.5)));
    assertTrue(e.getMessage().contains("whole numbers"), e.getMessage());
    Vector raw = row.getAs("rawPrediction");
    assertArrayEquals(
        expected.toFloatArray(), new float[] {(float) raw.apply(0), (float) raw.apply(1)}, 1e-5f);
  }

  @Test
  @DisplayName("a token beyond the Embedding is refused in a sentence")
  void tokenOutOfRange() {
    Module network = new Sequential(new Embedding(5, 4), new Flatten(), new Linear(12, 2));
    AutogradClassifier classifier = new AutogradClassifier().setNetwork(network);
    var e = assertThrows(IllegalArgumentException.class, () -> classifier.fit(integers()));
    assertTrue(e.getMessage().contains("5"), e.getMessage());
  }

  /** Left half red on even images, blue on odd ones. */
  private static void writeImages(Path dir) throws IOException {
    for (int i = 0; i < 8; i++) {
      BufferedImage image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 3; x++) {
          image.setRGB(x, y, i % 2 == 0 ? 0xff0000 : 0x0000ff);
        }
      }
      ImageIO.write(image, "png", dir.resolve("image" + i + ".png").toFile());
    }
  }

  private static AutogradClassifier convolution() {
    Module network = new Sequential(new Conv2d(3, 2, 3), new Flatten(), new Linear(2 * 2 * 4, 2));
    return new AutogradClassifier()
        .setNetwork(network)
        .setInputShape(3, 4, 6)
        .setSeed(1)
        .setMaxIter(20)
        .setLearningRate(0.001);
  }

  @Test
  @DisplayName("images of Spark's image source and the files themselves give the same")
  void images(@TempDir Path dir) throws IOException {
    writeImages(dir);
    String label = "cast(substring_index(substring_index(%s, 'image', -1), '.', 1) as int) %% 2";
    Dataset<Row> images =
        spark
            .read()
            .format("image")
            .load(dir.toString())
            .select(col("image").as("features"), expr(label.formatted("image.origin")).as("label"))
            .coalesce(1)
            .orderBy("features.origin");
    Dataset<Row> files =
        spark
            .read()
            .format("binaryFile")
            .load(dir.toString())
            .select(
                col("content").as("features"),
                expr(label.formatted("path")).as("label"),
                col("path"))
            .coalesce(1)
            .orderBy("path");
    AutogradClassificationModel model = convolution().fit(images);
    assertEquals(0, model.transform(images).filter("prediction != label").count());
    assertEquals(probabilities(model, images), probabilities(convolution().fit(files), files));
    Tensor red = Tensor.of(firstImage(), 1, 3, 4, 6);
    Vector raw = model.transform(images).first().getAs("rawPrediction");
    assertArrayEquals(
        model.module().call(red).toFloatArray(),
        new float[] {(float) raw.apply(0), (float) raw.apply(1)},
        1e-3f);
  }

  /** Channels first, red before green before blue, 0 to 255. */
  private static float[] firstImage() {
    float[] values = new float[3 * 4 * 6];
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 3; x++) {
        values[y * 6 + x] = 255;
      }
    }
    return values;
  }

  @Test
  @DisplayName("an image of another size is refused with both sizes")
  void imageSize(@TempDir Path dir) throws IOException {
    writeImages(dir);
    Dataset<Row> images =
        spark
            .read()
            .format("image")
            .load(dir.toString())
            .select(col("image").as("features"), expr("0").as("label"));
    Module network = new Sequential(new Flatten(), new Linear(3 * 5 * 6, 2));
    AutogradClassifier classifier =
        new AutogradClassifier().setNetwork(network).setInputShape(3, 5, 6);
    var e = assertThrows(IllegalArgumentException.class, () -> classifier.fit(images));
    assertTrue(e.getMessage().contains("5") && e.getMessage().contains("4"), e.getMessage());
  }

  @Test
  @DisplayName("a shape that the data do not have is refused with both")
  void shape() {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> linear(4).setInputShape(4).fit(integers()));
    assertTrue(
        e.getMessage().contains("must have 4 values") && e.getMessage().contains("has 3"),
        e.getMessage());
  }

  @Test
  @DisplayName("a network that does not take rows of this shape says which it takes")
  void networkShape() {
    var e = assertThrows(IllegalArgumentException.class, () -> linear(4).fit(integers()));
    assertTrue(e.getMessage().contains("[3]") && e.getMessage().contains("4"), e.getMessage());
  }

  @Test
  @DisplayName("a model that was trained on Vectors transforms arrays, and the reverse")
  void otherTypeInTransform() {
    Dataset<Row> arrays = integers();
    Dataset<Row> vectors =
        arrays.withColumn(
            "features", org.apache.spark.ml.functions.array_to_vector(col("features")));
    AutogradClassificationModel model = linear(3).fit(vectors);
    assertEquals(probabilities(model, vectors), probabilities(model, arrays));
    assertEquals(
        model.predictRaw(Vectors.dense(3, 0, 7)),
        model.transform(arrays).collectAsList().get(3).getAs("rawPrediction"));
  }

  @Test
  @DisplayName("several columns are the inputs of a network of several inputs, saved and loaded")
  void severalInputs(@TempDir Path dir) throws IOException {
    Module network =
        new Sequential(
            new ConcatBranches(
                new Sequential(new Embedding(12, 4), new Flatten()), new Linear(3, 2)),
            new Linear(4 + 2, 2));
    Dataset<Row> data =
        integers()
            .withColumn("token", expr("array(features[0])"))
            .withColumn("numbers", col("features").cast("array<float>"));
    AutogradClassificationModel model =
        new AutogradClassifier()
            .setNetwork(network)
            .setFeaturesCols("token", "numbers")
            .setInputShapes(new int[] {1}, new int[] {3})
            .setMaxIter(60)
            .setLearningRate(0.05)
            .fit(data);
    assertEquals(0, model.transform(data).filter("prediction != label").count());
    String path = dir.resolve("model").toString();
    model.write().save(path);
    AutogradClassificationModel loaded = AutogradClassificationModel.load(path);
    assertEquals(probabilities(model, data), probabilities(loaded, data));
    assertEquals(2, loaded.numClasses());
    var e =
        assertThrows(IllegalArgumentException.class, () -> model.predict(Vectors.dense(1, 2, 3)));
    assertTrue(e.getMessage().contains("2 inputs"), e.getMessage());
  }
}
