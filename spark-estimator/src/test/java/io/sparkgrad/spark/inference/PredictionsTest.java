// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.nn.ConcatBranches;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.ClusterOfThreads;
import io.sparkgrad.spark.FakeGpus;
import io.sparkgrad.spark.data.Element;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.InputSpec;
import io.sparkgrad.spark.device.DeviceSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkException;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionsTest {
  private static final NetworkBroadcast MLP =
      new NetworkBroadcast(TestNetworks.shared(TestNetworks::mlp, 5));
  private static final ClassOutputs CLASSES =
      new ClassOutputs(3, "raw", "probability", "prediction", null);

  private static final PredictionPlan SINGLE =
      new PredictionPlan(
          MLP,
          List.of(new InputSpec(List.of("features"), List.of(2L), Element.FLOAT32)),
          1,
          CLASSES,
          DeviceSettings.AUTO);

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
    // Spark then checks every step of the optimiser: unique ids, columns that are there, types.
    spark.conf().set("spark.sql.planChangeValidation", "true");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Columns id and features, an {@code array<float>} of two. */
  private static Dataset<Row> rows(int n, int partitions) {
    return spark
        .range(0, n, 1, partitions)
        .selectExpr("id", "array(float(sin(id)), float(cos(id * 3))) AS features");
  }

  private static PredictionPlan plan(Dataset<Row> data, int batchSize, Outputs outputs) {
    InputSpec input = InputSpec.of(data.schema(), List.of("features"), List.of(2L), false);
    return new PredictionPlan(MLP, List.of(input), batchSize, outputs, DeviceSettings.AUTO);
  }

  private static Dataset<Row> predicted(Dataset<Row> data) {
    return Predictions.append(data, plan(data, 8, CLASSES));
  }

  private static float[] single(long id) {
    Vector x = Vectors.dense((float) Math.sin(id), (float) Math.cos(id * 3));
    return Predictions.single(SINGLE, x);
  }

  @Test
  @DisplayName("a single row is computed on the CPU, wherever the thread makes its tensors")
  void singleRowOnTheCpu() {
    float[] expected = single(3);
    try (var device = DefaultBackend.set(new CountingBackend(Backends.byName("java")).backend())) {
      assertArrayEquals(expected, single(3));
    }
  }

  @ParameterizedTest(name = "in batches of {0}")
  @ValueSource(ints = {1, 2, 7, 64, 1_000_000_000})
  @DisplayName("each row gets the bits that it gets alone")
  void batchesEqualSingleRows(int batchSize) {
    Dataset<Row> data = rows(301, 3);
    List<Row> found = Predictions.append(data, plan(data, batchSize, CLASSES)).collectAsList();
    assertEquals(301, found.size());
    for (Row row : found) {
      float[] expected = single(row.getLong(0));
      Vector raw = row.getAs("raw");
      assertEquals(VectorOutputs.vector(expected, 0, 3), raw, () -> "row " + row.getLong(0));
      assertEquals(ClassOutputs.probability(raw), row.getAs("probability"));
      assertEquals((double) raw.argmax(), row.<Double>getAs("prediction"));
    }
  }

  @ParameterizedTest(name = "{0} GPUs")
  @ValueSource(ints = {0, 1})
  @DisplayName("a stream gives what a batch on the CPU gives")
  void streaming(int gpus, @TempDir Path folder) throws Exception {
    Dataset<Row> data = rows(50, 2);
    List<Row> expected = predicted(data).orderBy("id").collectAsList();
    data.write().parquet(folder.resolve("in").toString());
    Dataset<Row> stream =
        spark.readStream().schema(data.schema()).parquet(folder.resolve("in").toString());
    try (var plugged = FakeGpus.plugIn(gpus)) {
      StreamingQuery query =
          predicted(stream)
              .writeStream()
              .format("memory")
              .queryName("predicted")
              .option("checkpointLocation", folder.resolve("checkpoint").toString())
              .trigger(Trigger.AvailableNow())
              .start();
      query.awaitTermination();
    }
    assertEquals(expected, spark.table("predicted").orderBy("id").collectAsList());
  }

  @Test
  @DisplayName("columns of every type, nulls included, pass through unchanged")
  void everyTypePassesThrough() {
    Dataset<Row> data =
        rows(20, 2)
            .withColumn("text", expr("if(id % 3 = 0, null, repeat('ä', int(id)))"))
            .withColumn("bytes", expr("encode(repeat('x', int(id)), 'UTF-8')"))
            .withColumn("flag", expr("id % 2 = 0"))
            .withColumn("b", expr("if(id = 4, null, tinyint(id))"))
            .withColumn("s", expr("smallint(id)"))
            .withColumn("f", expr("float(id)"))
            .withColumn("money", expr("decimal(id) / 7"))
            .withColumn("big", expr("cast(id as decimal(38, 10)) * 1000000000000000"))
            .withColumn("day", expr("date_add(date'2026-01-01', int(id))"))
            .withColumn("at", expr("timestamp_seconds(id)"))
            .withColumn("local", expr("cast(timestamp_seconds(id) as timestamp_ntz)"))
            .withColumn("span", expr("make_dt_interval(int(id))"))
            .withColumn("nothing", expr("null"))
            .withColumn("list", expr("if(id = 2, null, array(struct(id AS a, text AS b), null))"))
            .withColumn("map", expr("map(string(id), array(id, null))"))
            .withColumn("nested", expr("struct(struct(text AS t, list AS l) AS inner, money)"))
            .withColumn("vector", expr("prediction_vector(id)"));
    Dataset<Row> found = predicted(data).select(columns(data));
    assertEquals(data.schema(), found.schema());
    assertEquals(data.orderBy("id").collectAsList(), found.orderBy("id").collectAsList());
  }

  private static org.apache.spark.sql.Column[] columns(Dataset<Row> data) {
    return Arrays.stream(data.columns())
        .map(org.apache.spark.sql.functions::col)
        .toArray(org.apache.spark.sql.Column[]::new);
  }

  @BeforeAll
  static void vectors() {
    spark
        .udf()
        .register(
            "prediction_vector",
            (UDF1<Long, Vector>)
                id ->
                    id % 2 == 0
                        ? Vectors.dense(id, 1)
                        : Vectors.sparse(3, new int[] {1}, new double[] {id}),
            org.apache.spark.ml.linalg.SQLDataTypes.VectorType());
  }

  @Test
  @DisplayName("the output is an ordinary table: filtered, grouped and joined in SQL")
  void sql() {
    Dataset<Row> data = rows(100, 4);
    predicted(data).createOrReplaceTempView("t");
    Dataset<Row> counts =
        spark.sql("SELECT prediction, count(*) n FROM t GROUP BY prediction ORDER BY prediction");
    long ones =
        predicted(data).collectAsList().stream()
            .filter(r -> r.<Double>getAs("prediction") == 1)
            .count();
    assertEquals(100, counts.agg(expr("sum(n)")).first().getLong(0));
    assertEquals(ones, spark.sql("SELECT id FROM t WHERE prediction = 1.0").count());
    assertEquals(
        100, spark.sql("SELECT a.id FROM t a JOIN t b ON a.id = b.id AND a.raw = b.raw").count());
  }

  @Test
  @DisplayName("columns of the input stay the columns of the output")
  void columnsKeepTheirIdentity() {
    Dataset<Row> data = rows(10, 1);
    Dataset<Row> out = predicted(data);
    assertEquals(1, out.filter(data.col("id").equalTo(3)).select(data.col("id")).count());
    assertEquals(10, out.join(data, data.col("id").equalTo(out.col("id"))).count());
  }

  @Test
  @DisplayName("one network behind the other, with columns dropped in between")
  void chained() {
    Dataset<Row> data = rows(30, 2).withColumn("extra", col("id").multiply(2));
    Dataset<Row> first = Predictions.append(data, plan(data, 4, new ArrayOutputs("first")));
    Dataset<Row> dropped = first.drop("extra");
    Dataset<Row> second =
        Predictions.append(dropped, plan(dropped, 8, new VectorOutputs(3, "second")));
    for (Dataset<Row> chain :
        List.of(
            second, Predictions.append(first, plan(first, 8, new VectorOutputs(3, "second"))))) {
      for (Row row : chain.select("second", "id", "first").collectAsList()) {
        float[] expected = single(row.getLong(1));
        assertEquals(VectorOutputs.vector(expected, 0, 3), row.get(0));
        List<Float> floats = row.getList(2);
        assertEquals(expected[2], floats.get(2));
      }
    }
  }

  @Test
  @DisplayName("a network of several inputs takes each from columns of its own")
  void severalInputs() {
    NetworkBroadcast sum =
        new NetworkBroadcast(
            TestNetworks.shared(
                () ->
                    Sequential.builder()
                        .add("both", new ConcatBranches(new Flatten(), new Flatten()))
                        .add("fc", new Linear(3, 1))
                        .build(),
                1));
    Map<String, Tensor> weights = sum.network().module().stateDict();
    float[] w = weights.get("fc.weight").toFloatArray();
    float b = weights.get("fc.bias").toFloatArray()[0];
    Dataset<Row> data = rows(9, 1); // the last batch has one row
    PredictionPlan plan =
        new PredictionPlan(
            sum,
            List.of(
                InputSpec.of(data.schema(), List.of("features"), List.of(2L), false),
                InputSpec.of(data.schema(), List.of("id"), List.of(1L), false)),
            4,
            new NumberOutputs("value"),
            DeviceSettings.AUTO);
    for (Row row : Predictions.append(data, plan).collectAsList()) {
      List<Float> x = row.getList(1);
      double expected = w[0] * x.get(0) + w[1] * x.get(1) + w[2] * row.getLong(0) + b;
      assertEquals(expected, row.<Double>getAs("value"), 1e-5);
    }
  }

  @Test
  @DisplayName("the network is built once for all tasks and jobs")
  void builtOncePerExecutor() {
    NetworkBroadcast counted =
        new NetworkBroadcast(
            TestNetworks.shared(
                () ->
                    Sequential.builder()
                        .add("counted", new CountedLayer())
                        .add("flatten", new Flatten())
                        .add("fc", new Linear(2, 1))
                        .build(),
                1));
    Dataset<Row> data = rows(64, 8);
    PredictionPlan plan =
        new PredictionPlan(
            counted,
            plan(data, 4, CLASSES).inputs(),
            4,
            new NumberOutputs("value"),
            DeviceSettings.AUTO);
    int before = CountedLayer.BUILT.get();
    Dataset<Row> first = Predictions.append(data, plan);
    Dataset<Row> second = Predictions.append(data, plan);
    assertEquals(before, CountedLayer.BUILT.get(), "nothing is built before rows come");
    CompletableFuture<List<Row>> other = CompletableFuture.supplyAsync(first::collectAsList);
    assertEquals(second.orderBy("id").collectAsList().size(), other.join().size());
    assertEquals(before + 1, CountedLayer.BUILT.get());
  }

  @Test
  @DisplayName("two jobs at once do not disturb each other")
  void concurrentJobs() {
    Dataset<Row> data = rows(500, 4).cache();
    List<Row> expected = predicted(data).orderBy("id").collectAsList();
    List<CompletableFuture<List<Row>>> jobs =
        java.util.stream.IntStream.range(0, 3)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> predicted(data).orderBy("id").collectAsList()))
            .toList();
    jobs.forEach(job -> assertEquals(expected, job.join()));
    data.unpersist();
  }

  @ParameterizedTest(name = "{0} GPUs")
  @ValueSource(ints = {0, 1})
  void emptyPartitions(int gpus) throws Exception {
    try (var plugged = FakeGpus.plugIn(gpus)) {
      assertEquals(3, predicted(rows(3, 40)).collectAsList().size());
      assertEquals(0, predicted(rows(3, 2).filter("id < 0")).collectAsList().size());
    }
  }

  @ParameterizedTest(name = "{0} GPUs")
  @ValueSource(ints = {0, 1})
  @DisplayName("limit ends early, in the middle of a batch")
  void limit(int gpus) throws Exception {
    try (var plugged = FakeGpus.plugIn(gpus)) {
      assertEquals(3, predicted(rows(1000, 4)).limit(3).collectAsList().size());
      assertEquals(5, predicted(rows(1000, 1)).takeAsList(5).size());
    }
  }

  @Test
  @DisplayName("a row that cannot be used is named, with its column")
  void badRow() {
    Dataset<Row> data =
        rows(20, 1).withColumn("features", expr("if(id = 11, array(float(0)), features)"));
    SparkException e = assertThrows(SparkException.class, () -> predicted(data).collectAsList());
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertSame(InputException.class, cause.getClass());
    assertEquals(
        "Column features must have 2 values in every row (inputShape [2]) but has 1 in row 11 of partition 0.",
        cause.getMessage());
  }

  @Test
  @DisplayName("a job that is cancelled ends soon, and the next one is right")
  void cancelled() throws Exception {
    spark
        .udf()
        .register(
            "slow",
            (UDF1<Long, Long>)
                id -> {
                  Thread.sleep(20);
                  return id;
                },
            DataTypes.LongType);
    Dataset<Row> slow = rows(100_000, 4).withColumn("slow", expr("slow(id)"));
    CompletableFuture<Long> job =
        CompletableFuture.supplyAsync(
            () -> {
              spark.sparkContext().setJobGroup("slow", "slow", true);
              return predicted(slow).filter("slow >= 0").count();
            });
    while (spark.sparkContext().statusTracker().getActiveStageIds().length == 0) {
      Thread.sleep(20);
    }
    spark.sparkContext().cancelJobGroup("slow");
    assertThrows(Exception.class, () -> job.get(60, TimeUnit.SECONDS));
    Row row = predicted(rows(1, 1)).first();
    assertEquals(VectorOutputs.vector(single(0), 0, 3), row.getAs("raw"));
  }

  @Test
  @DisplayName("without outputs the DataFrame stays as it is, and a taken name is refused")
  void names() {
    Dataset<Row> data = rows(3, 1);
    Dataset<Row> same = Predictions.append(data, plan(data, 8, new NumberOutputs("")));
    assertArrayEquals(data.columns(), same.columns());
    assertThrows(
        InputException.class,
        () -> Predictions.append(data, plan(data, 8, new NumberOutputs("id"))));
    assertTrue(
        predicted(data).queryExecution().executedPlan().toString().contains("MapPartitions"));
  }
}
