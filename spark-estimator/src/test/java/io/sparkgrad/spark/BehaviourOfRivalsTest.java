// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.loss.MseLoss;
import io.sparkgrad.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What the tests of other systems demand of an estimator for neural networks, demanded of ours:
 * DL4J, XGBoost4J-Spark, SynapseML, Horovod and NNFrames.
 */
class BehaviourOfRivalsTest {
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
  @DisplayName("DL4J testOneExecutor: one worker trains as a plain loop over the core does")
  void oneWorkerIsAPlainLoop() {
    Dataset<Row> data = Toys.plane(spark, 20);
    AutogradRegressionModel model =
        Toys.regressor()
            .setOptimizer("sgd")
            .setMomentum(0.9)
            .setShuffle(false)
            .setBatchSize(8)
            .setMaxIter(3)
            .fit(data);
    Generator.current().manualSeed(4);
    Module net = Toys.line();
    SGD sgd = new SGD(net.parameters(), SGD.Options.DEFAULT.withLr(0.05).withMomentum(0.9));
    List<Row> rows = data.collectAsList();
    for (int epoch = 0; epoch < 3; epoch++) {
      for (int from = 0; from < rows.size(); from += 8) {
        List<Row> batch = rows.subList(from, Math.min(from + 8, rows.size()));
        float[] x = new float[batch.size() * 2];
        float[] y = new float[batch.size()];
        for (int i = 0; i < batch.size(); i++) {
          Vector v = batch.get(i).getAs("features");
          x[2 * i] = (float) v.apply(0);
          x[2 * i + 1] = (float) v.apply(1);
          y[i] = (float) batch.get(i).getDouble(1);
        }
        sgd.zeroGrad();
        new MseLoss()
            .forward(net.call(Tensor.of(x, batch.size(), 2)), Tensor.of(y).reshape(batch.size(), 1))
            .backward();
        sgd.step();
      }
    }
    net.stateDict()
        .forEach(
            (name, expected) ->
                assertArrayEquals(
                    expected.toFloatArray(),
                    model.module().stateDict().get(name).toFloatArray(),
                    1e-6f,
                    name));
  }

  @Test
  @DisplayName("DL4J testSeedRepeatability: the same seed gives the same bits, another one others")
  void seeds() {
    Dataset<Row> data = Toys.triangle(spark, 40, 2);
    AutogradClassifier classifier = Toys.classifier().setMaxIter(2);
    Map<String, String> first = Toys.weights(classifier.fit(data));
    assertEquals(first, Toys.weights(classifier.fit(data)));
    assertNotEquals(first, Toys.weights(classifier.setSeed(99).fit(data)));
  }

  @Test
  @DisplayName("NNFrames deep copy: two copies of an estimator train apart")
  void copiesTrainApart() {
    Dataset<Row> data = Toys.triangle(spark, 20, 1);
    AutogradClassifier a = Toys.classifier().setMaxIter(2);
    AutogradClassifier b = a.copy(ParamMap.empty()).setLearningRate(0.5);
    assertEquals(0.05, a.getLearningRate());
    Map<String, String> ofA = Toys.weights(a.fit(data));
    assertNotEquals(ofA, Toys.weights(b.fit(data)));
    assertEquals(ofA, Toys.weights(a.fit(data)));
  }

  @Test
  @DisplayName("XGBoost test_training_continuation: a fit goes on from a fitted model's weights")
  void trainingGoesOn() {
    Dataset<Row> data = Toys.triangle(spark, 40, 1);
    AutogradClassifier sgd = Toys.classifier().setOptimizer("sgd").setShuffle(false).setMaxIter(2);
    AutogradClassificationModel half = sgd.fit(data);
    AutogradClassificationModel onward = sgd.copy(ParamMap.empty()).setInitialModel(half).fit(data);
    AutogradClassificationModel whole = sgd.setMaxIter(4).fit(data);
    assertEquals(Toys.weights(whole), Toys.weights(onward));
  }

  @Test
  @DisplayName(
      "gradual unfreezing: a second fit with fewer frozen layers starts where the first ended")
  void gradualUnfreezing() {
    Dataset<Row> data = Toys.triangle(spark, 40, 1);
    AutogradClassificationModel headOnly =
        Toys.classifier().setFrozenLayers("fc1").setMaxIter(3).fit(data);
    AutogradClassificationModel all =
        new AutogradClassifier()
            .setInitialModel(headOnly)
            .setLearningRate(0.01)
            .setMaxIter(1)
            .fit(data);
    assertArrayEquals(headOnly.getInputShape(), all.getInputShape());
    assertTrue(
        all.summary().objectiveHistory()[0] < headOnly.summary().objectiveHistory()[0],
        "the second fit starts from trained weights");
    assertNotEquals(Toys.weights(headOnly).get("fc1.weight"), Toys.weights(all).get("fc1.weight"));
    assertEquals(List.of(), all.frozenParameters());
  }

  @Test
  @DisplayName("XGBoost ISSUE-4406: a transformed table is evaluated twice, in part and whole")
  void evaluatedTwice() {
    Dataset<Row> data = Toys.triangle(spark, 30, 3);
    Dataset<Row> result = Toys.classifier().setMaxIter(1).fit(data).transform(data);
    result.limit(2).collectAsList();
    assertEquals(30, result.collectAsList().size());
    assertEquals(result.collectAsList(), result.collectAsList());
  }

  @Test
  @DisplayName("XGBoost test_empty_train_data: no rows are an error in a sentence")
  void noRows() {
    Dataset<Row> none = Toys.triangle(spark, 3, 1).filter(lit(false));
    var e = assertThrows(IllegalArgumentException.class, () -> Toys.classifier().fit(none));
    assertTrue(e.getMessage().contains("no rows"), e.getMessage());
  }

  @Test
  @DisplayName("Horovod test_fit_model: XOR, with weights, three batches a step, two workers")
  void accumulation() {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType)
            .add("weight", DataTypes.FloatType);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      int a = i & 1;
      int b = i >> 1 & 1;
      rows.add(RowFactory.create(Vectors.dense(a, b), (double) (a ^ b), 1f));
    }
    Dataset<Row> xor = spark.createDataFrame(rows, schema).coalesce(1);
    AutogradClassifier classifier =
        new AutogradClassifier()
            .setNetwork(new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 2)))
            .setSeed(1)
            .setWeightCol("weight")
            .setShuffle(false)
            .setLearningRate(0.05)
            .setMaxIter(30);
    AutogradClassificationModel accumulated =
        classifier.setNumWorkers(2).setBatchSize(4).setGradientAccumulation(3).fit(xor);
    AutogradClassificationModel whole =
        classifier.setNumWorkers(1).setBatchSize(24).setGradientAccumulation(1).fit(xor);
    Module expected = whole.module();
    accumulated
        .module()
        .stateDict()
        .forEach(
            (name, value) ->
                assertArrayEquals(
                    expected.stateDict().get(name).toFloatArray(),
                    value.toFloatArray(),
                    1e-4f,
                    name));
    assertEquals(0, accumulated.transform(xor).filter("prediction != label").count());
  }

  @Test
  @DisplayName(
      "XGBoost sparse semantics: zeros that a sparse vector leaves out are zeros everywhere")
  void sparse() {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType);
    List<Row> dense = new ArrayList<>();
    List<Row> sparse = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Vector v = Vectors.dense(i % 3 == 0 ? i : 0, i % 2 == 0 ? 0 : -i);
      dense.add(RowFactory.create(v, (double) (i % 2)));
      sparse.add(RowFactory.create(v.toSparse(), (double) (i % 2)));
    }
    Dataset<Row> d = spark.createDataFrame(dense, schema).coalesce(1);
    Dataset<Row> s = spark.createDataFrame(sparse, schema).coalesce(1);
    AutogradRegressor net = Toys.regressor().setMaxIter(2);
    assertEquals(Toys.weights(net.fit(d)), Toys.weights(net.fit(s)));
    AutogradRegressionModel model = net.fit(d);
    assertEquals(
        model.transform(d).select("prediction").collectAsList(),
        model.transform(s).select("prediction").collectAsList());
  }

  @Test
  @DisplayName(
      "XGBoost columnar input: number columns make up the vector of a network of one input")
  void columns() {
    Dataset<Row> data = Toys.plane(spark, 20);
    Dataset<Row> apart =
        data.withColumn(
                "v", org.apache.spark.ml.functions.vector_to_array(col("features"), "float64"))
            .select(col("v").getItem(0).as("a"), col("v").getItem(1).as("b"), col("label"));
    AutogradRegressionModel model = Toys.regressor().setMaxIter(2).fit(data);
    AutogradRegressor columnar = Toys.regressor().setMaxIter(2).setFeaturesCols("a", "b");
    AutogradRegressionModel ofColumns = columnar.fit(apart);
    assertEquals(Toys.weights(model), Toys.weights(ofColumns));
    assertEquals(
        model.transform(data).select("prediction").collectAsList(),
        ofColumns.transform(apart).select("prediction").collectAsList());
  }

  @Test
  @DisplayName("NNFrames label types: several numbers as labels, in a vector or an array")
  void vectorLabels() {
    Dataset<Row> data =
        Toys.plane(spark, 30).withColumn("label", array(col("label"), col("label").multiply(-1)));
    AutogradRegressor two =
        new AutogradRegressor()
            .setNetwork(new Sequential(new Linear(2, 2)))
            .setSeed(2)
            .setLearningRate(0.1)
            .setMaxIter(40)
            .setBatchSize(10);
    AutogradRegressionModel model = two.fit(data);
    Row row = model.transform(data).first();
    Vector prediction = row.getAs("prediction");
    assertEquals(2, prediction.size());
    assertEquals(-prediction.apply(0), prediction.apply(1), 0.2);
    assertEquals(prediction, model.predictVector(row.getAs("features")));
  }

  @Test
  @DisplayName("multi-label: several zeros and ones as labels, by bceWithLogits")
  void multiLabel() {
    Dataset<Row> data =
        Toys.plane(spark, 60)
            .withColumn(
                "label",
                array(col("label").gt(0).cast("float"), col("label").lt(-1).cast("float")));
    AutogradModel model =
        new AutogradEstimator()
            .setNetwork(new Sequential(new Linear(2, 2)))
            .setLoss("bceWithLogits")
            .setLearningRate(0.1)
            .setMaxIter(60)
            .setOutputType("array")
            .fit(data);
    Dataset<Row> right =
        model
            .transform(data)
            .filter(col("prediction").getItem(0).gt(0).equalTo(col("label").getItem(0).gt(0.5f)));
    assertTrue(right.count() >= 55, "" + right.count());
  }

  @Test
  @DisplayName("two networks train in one session at the same time")
  void twoFitsAtOnce() throws Exception {
    Dataset<Row> data = Toys.triangle(spark, 60, 2);
    AutogradClassifier a = Toys.classifier().setMaxIter(4).setNumWorkers(2);
    AutogradRegressor b = Toys.regressor().setMaxIter(4);
    Dataset<Row> plane = Toys.plane(spark, 60);
    Map<String, String> aAlone = Toys.weights(a.fit(data));
    Map<String, String> bAlone = Toys.weights(b.fit(plane));
    List<Map<String, String>> together = new ArrayList<>();
    List<Thread> threads =
        List.of(
            new Thread(() -> record(together, Toys.weights(a.fit(data)))),
            new Thread(() -> record(together, Toys.weights(b.fit(plane)))));
    threads.forEach(Thread::start);
    for (Thread t : threads) {
      t.join();
    }
    assertEquals(2, together.size());
    assertTrue(together.containsAll(List.of(aAlone, bAlone)));
  }

  private static void record(List<Map<String, String>> results, Map<String, String> result) {
    synchronized (results) {
      results.add(result);
    }
  }

  @Test
  @DisplayName("a fit leaves the caller's random numbers, threads and broadcasts as they were")
  void nothingIsLeftBehind() throws InterruptedException {
    Dataset<Row> data = Toys.triangle(spark, 20, 1);
    Toys.classifier().setMaxIter(1).setNumWorkers(2).fit(data); // whatever starts once
    AutogradClassifier fits = Toys.classifier().setMaxIter(1).setNumWorkers(2);
    AutogradClassifier diverges =
        Toys.classifier().setOptimizer("sgd").setLearningRate(1e30).setNumWorkers(2);
    Generator.current().manualSeed(17);
    long state = Generator.current().state();
    fits.fit(data);
    assertThrows(RuntimeException.class, () -> diverges.fit(data));
    assertFalse(fits.fit(data).summary().stoppedEarly());
    assertEquals(state, Generator.current().state());
    assertThreadsEnd();
  }

  /** Netty's threads take some seconds to end after they were told to. */
  private static void assertThreadsEnd() throws InterruptedException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!threadsOfOurs().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(100);
    }
    assertEquals(List.of(), threadsOfOurs());
  }

  /** Threads of the connections that a fit opens. */
  private static List<String> threadsOfOurs() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.contains("sparkgrad"))
        .toList();
  }
}
