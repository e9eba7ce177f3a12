// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.train.TrainingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutogradClassifierTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void learnsThreeClassesWithTwoWorkers() {
    Dataset<Row> data = Toys.triangle(spark, 120, 2);
    AutogradClassificationModel model =
        Toys.classifier().setNumWorkers(2).setBatchSize(10).setMaxIter(15).fit(data);
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(model.transform(data));
    assertTrue(accuracy > 0.95, "accuracy " + accuracy);
    assertEquals(15, model.summary().epochs().size());
    assertEquals(120, model.summary().epochs().get(14).training().rows());
    assertTrue(
        model.summary().epochs().get(14).training().loss()
            < model.summary().epochs().get(0).training().loss());
  }

  @Test
  @DisplayName("two workers and one worker on the same global batches end with the same weights")
  void workersAgree() {
    Dataset<Row> data = Toys.triangle(spark, 101, 1);
    AutogradClassifier classifier =
        Toys.classifier().setShuffle(false).setMaxIter(5).setWeightCol("weight");
    Map<String, Tensor> one = weights(classifier.setBatchSize(20).setNumWorkers(1).fit(data));
    Map<String, Tensor> two = weights(classifier.setBatchSize(10).setNumWorkers(2).fit(data));
    one.forEach(
        (name, value) ->
            assertArrayEquals(value.toFloatArray(), two.get(name).toFloatArray(), 1e-5f, name));
    Map<String, Tensor> again = weights(classifier.fit(data));
    two.forEach(
        (name, value) ->
            assertArrayEquals(
                value.toFloatArray(), again.get(name).toFloatArray(), "same seed, same bits"));
  }

  @Test
  void frozenLayersStayAsTheyWere() {
    Dataset<Row> data = Toys.triangle(spark, 30, 1);
    AutogradClassifier classifier = Toys.classifier().setMaxIter(2);
    Map<String, Tensor> free = weights(classifier.fit(data));
    AutogradClassificationModel model = classifier.setFrozenLayers("fc1").setMaxIter(4).fit(data);
    Map<String, Tensor> frozen = weights(model);
    Map<String, Tensor> longer = weights(classifier.setFrozenLayers("fc*.weight").fit(data));
    assertEquals(List.of("fc1.weight", "fc1.bias"), model.frozenParameters());
    assertArrayEquals(
        frozen.get("fc1.weight").toFloatArray(), longer.get("fc1.weight").toFloatArray());
    assertNotEquals(
        Arrays.toString(free.get("fc1.weight").toFloatArray()),
        Arrays.toString(frozen.get("fc1.weight").toFloatArray()));
  }

  @Test
  void moreWorkersThanRowsAndEmptyPartitionsWork() {
    Dataset<Row> data = Toys.triangle(spark, 3, 1);
    AutogradClassificationModel model = Toys.classifier().setNumWorkers(4).setMaxIter(2).fit(data);
    assertEquals(3, model.summary().epochs().get(1).training().rows());
  }

  @Test
  void aWorkerWithoutRowsTakesPartInSynchronisedBatchNorms() {
    Dataset<Row> data = Toys.triangle(spark, 3, 1);
    AutogradClassifier classifier =
        Toys.classifier()
            .setNetwork(
                Sequential.builder()
                    .add("fc1", new Linear(2, 8))
                    .add("bn1", new BatchNorm1d(8))
                    .add("fc2", new Linear(8, 3))
                    .build())
            .setSyncBatchNorm(true)
            .setOptimizer("sgd") // Adam would make much of the rounding of a bias before a norm
            .setMaxIter(2);
    Map<String, Tensor> one = weights(classifier.fit(data));
    Map<String, Tensor> four = weights(classifier.setNumWorkers(4).fit(data));
    for (Map.Entry<String, Tensor> e : one.entrySet()) {
      assertArrayEquals(
          e.getValue().toFloatArray(), four.get(e.getKey()).toFloatArray(), 1e-4f, e.getKey());
    }
  }

  @Test
  void pipelineIsSavedAndLoaded(@TempDir Path dir) throws Exception {
    Dataset<Row> data = Toys.triangle(spark, 60, 2);
    Pipeline pipeline =
        new Pipeline().setStages(new PipelineStage[] {Toys.classifier().setMaxIter(3)});
    PipelineModel model = pipeline.fit(data);
    String path = dir.resolve("model").toString();
    model.write().overwrite().save(path);
    PipelineModel loaded = PipelineModel.load(path);
    assertEquals(
        model.transform(data).collectAsList().toString(),
        loaded.transform(data).collectAsList().toString());
    AutogradClassificationModel stage = (AutogradClassificationModel) loaded.stages()[0];
    assertEquals(3, stage.summary().epochs().size());
    try (var files = Files.walk(dir)) {
      List<String> names = files.map(p -> p.getFileName().toString()).toList();
      assertTrue(
          names.containsAll(List.of("architecture.json", "weights.safetensors")), "" + names);
    }
  }

  @Test
  void estimatorIsSavedAndLoaded(@TempDir Path dir) throws Exception {
    String path = dir.resolve("estimator").toString();
    AutogradClassifier classifier =
        Toys.classifier().setFrozenLayers("fc1").setInputShape(2).setMaxIter(7);
    classifier.write().save(path);
    AutogradClassifier loaded = AutogradClassifier.load(path);
    assertEquals(classifier.uid(), loaded.uid());
    assertEquals(7, loaded.getMaxIter());
    assertArrayEquals(new String[] {"fc1"}, loaded.getFrozenLayers());
    assertEquals(classifier.explainParams(), loaded.explainParams());
  }

  @Test
  void predictEqualsTransform() {
    Dataset<Row> data = Toys.triangle(spark, 50, 1);
    AutogradClassificationModel model =
        Toys.classifier().setMaxIter(2).fit(data).setInferenceBatchSize(7);
    for (Row row : model.transform(data).collectAsList()) {
      Vector features = row.getAs("features");
      assertEquals(row.<Double>getAs("prediction"), model.predict(features));
      assertArrayEquals(
          row.<Vector>getAs("rawPrediction").toArray(), model.predictRaw(features).toArray());
      Vector p = model.predictProbability(features);
      assertArrayEquals(row.<Vector>getAs("probability").toArray(), p.toArray());
      assertEquals(1, Arrays.stream(p.toArray()).sum(), 1e-12);
    }
  }

  @Test
  void aModelOutlivesItsSession() {
    AutogradClassificationModel model =
        Toys.classifier().setMaxIter(1).fit(Toys.triangle(spark, 9, 1));
    assertEquals(9, model.transform(Toys.triangle(spark, 9, 1)).collectAsList().size());
    spark.stop();
    spark = ClusterOfThreads.session();
    assertEquals(9, model.transform(Toys.triangle(spark, 9, 1)).collectAsList().size());
  }

  @Test
  void aModelPredictsWhereItIsTakenByAClosure() {
    Dataset<Row> data = Toys.triangle(spark, 9, 1);
    AutogradClassificationModel model = Toys.classifier().setMaxIter(1).fit(data);
    List<Double> inTasks =
        data.map(
                (MapFunction<Row, Double>) row -> model.predict(row.<Vector>getAs("features")),
                Encoders.DOUBLE())
            .collectAsList();
    List<Double> here =
        data.collectAsList().stream().map(row -> model.predict(row.<Vector>getAs(0))).toList();
    assertEquals(here, inTasks);
  }

  @Test
  void emptyNamesSwitchOutputColumnsOff() {
    Dataset<Row> data = Toys.triangle(spark, 9, 1);
    AutogradClassificationModel model = Toys.classifier().setMaxIter(1).fit(data);
    model.setRawPredictionCol("").setProbabilityCol("");
    Dataset<Row> result = model.transform(data);
    assertArrayEquals(new String[] {"features", "label", "weight", "prediction"}, result.columns());
    assertEquals(result.schema(), model.transformSchema(data.schema()));
    assertEquals(9, result.count());
  }

  @Test
  void arraysOfFloatAndSparseVectorsAreRead() {
    Dataset<Row> data = Toys.triangle(spark, 30, 1);
    Dataset<Row> arrays =
        data.withColumn(
            "features",
            org.apache.spark.ml.functions.vector_to_array(functions.col("features"), "float32"));
    AutogradClassifier classifier = Toys.classifier().setMaxIter(2);
    Map<String, Tensor> expected = weights(classifier.fit(data));
    Map<String, Tensor> actual = weights(classifier.fit(arrays));
    expected.forEach(
        (name, value) ->
            assertArrayEquals(value.toFloatArray(), actual.get(name).toFloatArray(), name));
    Vector sparse = Vectors.sparse(2, new int[] {1}, new double[] {0.5});
    AutogradClassificationModel model = classifier.fit(data);
    assertEquals(model.predictRaw(sparse.toDense()), model.predictRaw(sparse));
  }

  @Test
  void explainParamsIsReadable() {
    String text =
        Toys.classifier().setFrozenLayers("fc1", "conv*").setInputShape(1, 2).explainParams();
    assertTrue(text.contains("(default: [], current: [fc1, conv*])"), text);
    assertTrue(text.contains("(current: [1, 2])"), text);
    assertTrue(
        text.contains("(current: { \"type\" : \"Sequential\", \"layers\" : [ { \"name\""), text);
    assertTrue(text.lines().allMatch(line -> line.length() < 320), text);
    assertTrue(text.contains("frozenLayers: layers or parameters that are not trained"), text);
    assertTrue(text.contains("batchSize: rows that each worker takes per step"), text);
    assertTrue(text.contains("(default: 32)"), text);
  }

  // Bad input: one sentence that names the column, the row or the layer

  @Test
  void missingColumn() {
    Dataset<Row> data = Toys.triangle(spark, 3, 1).drop("features");
    assertSentence(
        "featuresCol: the DataFrame has no column 'features'; it has label, weight.",
        Toys.classifier(),
        data);
  }

  @Test
  void stringLabel() {
    Dataset<Row> data =
        Toys.triangle(spark, 3, 1).withColumn("label", functions.lit("a").cast("string"));
    assertSentence(
        "Column label must be of type numeric but was actually of type string.",
        Toys.classifier(),
        data);
  }

  @Test
  void nanFeature() {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType);
    Dataset<Row> data =
        spark
            .createDataFrame(
                List.of(
                    RowFactory.create(Vectors.dense(1, 2), 0.0),
                    RowFactory.create(Vectors.dense(1, Double.NaN), 1.0)),
                schema)
            .coalesce(1);
    assertSentence(
        "Vector values MUST NOT be NaN or Infinity, but column features holds NaN as value 1 of"
            + " row 1 of partition 0; fill or drop such rows.",
        Toys.classifier(),
        data);
  }

  @Test
  void labelOutOfRange() {
    Dataset<Row> data = Toys.triangle(spark, 3, 1).withColumn("label", functions.lit(7));
    assertSentence(
        "Labels MUST be in [0, 3), but column label holds 7.0 in row 0 of partition 0.",
        Toys.classifier(),
        data);
  }

  @Test
  void unknownFrozenLayerListsTheValidOnes() {
    assertSentence(
        "frozenLayers: no layer or parameter is called 'conv9'; the layers are fc1, relu, fc2",
        Toys.classifier().setFrozenLayers("conv9"),
        Toys.triangle(spark, 3, 1));
  }

  @Test
  void nothingLeftToTrain() {
    assertSentence(
        "frozenLayers: [fc*] freezes all 4 parameters; leave at least one to train.",
        Toys.classifier().setFrozenLayers("fc*"),
        Toys.triangle(spark, 3, 1));
  }

  @Test
  void unreadableWeights(@TempDir Path dir) throws Exception {
    AutogradClassifier missing = Toys.classifier().setInitialWeights(dir + "/none.safetensors");
    assertSentence(
        "initialWeights: there is no file file:" + dir + "/none.safetensors.",
        missing,
        Toys.triangle(spark, 3, 1));
    Path garbage = Files.writeString(dir.resolve("bad.safetensors"), "not a safetensors file");
    InputOrIo e = failure(missing.setInitialWeights(garbage.toString()));
    assertTrue(e.message().contains("bad.safetensors"), e.message());
    assertEquals(1, e.message().lines().count(), e.message());
  }

  @Test
  void tooManyWorkersFailAtOnce() {
    // local[4]: four slots. The deadline for registering executors makes this the slowest of the
    // bad inputs.
    assertSentence(
        "numWorkers: asked for 5 workers of 1 core at once, the cluster local[4] can run 4: set"
            + " numWorkers=4, or add executors.",
        Toys.classifier().setNumWorkers(5),
        Toys.triangle(spark, 3, 1));
  }

  @Test
  void divergenceIsAnErrorAndNotAModel() {
    AutogradClassifier classifier =
        Toys.classifier().setOptimizer("sgd").setLearningRate(1e30).setNumWorkers(2);
    TrainingException e =
        assertThrows(TrainingException.class, () -> classifier.fit(Toys.triangle(spark, 64, 1)));
    assertTrue(e.getMessage().startsWith("the loss became"), e.getMessage());
  }

  private record InputOrIo(String message) {}

  private static InputOrIo failure(AutogradClassifier classifier) {
    return new InputOrIo(
        assertThrows(RuntimeException.class, () -> classifier.fit(Toys.triangle(spark, 3, 1)))
            .getMessage());
  }

  private static void assertSentence(
      String expected, AutogradClassifier classifier, Dataset<Row> data) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> classifier.fit(data));
    assertEquals(expected, e.getMessage());
  }

  private static Map<String, Tensor> weights(AutogradClassificationModel model) {
    return model.module().stateDict();
  }
}
