// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.backend.DType;
import io.sparkgrad.spark.ClusterOfThreads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a DataFrame to the batches of each worker. */
class DealtRowsTest {
  private static SparkSession spark;

  @TempDir Path dir;

  @BeforeAll
  static void start() {
    spark = ClusterOfThreads.session();
    // many small queries, of which each would be compiled
    spark.conf().set("spark.sql.codegen.wholeStage", "false");
    spark.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Rows 0, 1, 2 and so on, which say so in x, tokens, label and weight. */
  private static Dataset<Row> rows(int n, int partitions) {
    return spark
        .range(0, n, 1, partitions)
        .select(
            expr("array(float(id), float(id) + 0.5f)").as("x"),
            expr("array(id, id * 1000000000000)").as("tokens"),
            expr("id % 7").as("label"),
            expr("1.0 + id").as("weight"),
            expr("id % 3 = 0").as("held back"));
  }

  private static RowSpec spec(Dataset<Row> data, LabelSpec label, ValidationSplit split) {
    return new RowSpec(
        List.of(
            InputSpec.of(data.schema(), List.of("x"), List.of(2L), false),
            InputSpec.of(data.schema(), List.of("tokens"), List.of(2L), true)),
        label,
        "weight",
        split);
  }

  private static RowSpec spec(Dataset<Row> data, ValidationSplit split) {
    return spec(data, LabelSpec.classes(data.schema(), "label", 7), split);
  }

  private static List<Iterator<byte[]>> dealt(Dataset<Row> data, RowSpec spec, int workers) {
    return DealtRows.of(data, spec, workers).glom().collect().stream().map(List::iterator).toList();
  }

  private RecordStores stores(boolean inMemory) {
    MemoryGrant grant =
        new MemoryGrant() {
          @Override
          public boolean acquire(long bytes) {
            return inMemory;
          }

          @Override
          public void release(long bytes) {}
        };
    return size -> new RecordStore(size, grant, () -> dir.resolve("rows" + System.nanoTime()));
  }

  private WorkerRows load(Iterator<byte[]> dealt, RowSpec spec) {
    return WorkerRows.load(dealt, spec, stores(true));
  }

  private static int[] all(Rows rows) {
    return IntStream.range(0, rows.size()).toArray();
  }

  private static double[] weights(Rows rows) {
    return rows.batch(all(rows), 0, rows.size()).weights();
  }

  @Test
  @DisplayName("row i of partition p goes to worker (p + i) mod n, in order, with all it has")
  void dealsInTurns() {
    Dataset<Row> data = rows(20, 3); // 0 to 5, 6 to 12, 13 to 19
    RowSpec spec = spec(data, ValidationSplit.NONE);
    List<Iterator<byte[]>> workers = dealt(data, spec, 2);
    int[][] expected = {{0, 2, 4, 7, 9, 11, 13, 15, 17, 19}, {1, 3, 5, 6, 8, 10, 12, 14, 16, 18}};
    for (int w = 0; w < 2; w++) {
      try (WorkerRows rows = load(workers.get(w), spec)) {
        assertEquals(10, rows.training().size());
        assertEquals(0, rows.validation().size());
        assertEquals(Optional.empty(), rows.rejection());
        Batch batch = rows.training().batch(all(rows.training()), 0, 10);
        assertEquals(10, batch.size());
        for (int i = 0; i < 10; i++) {
          int id = expected[w][i];
          assertEquals(1.0 + id, batch.weights()[i]);
          assertEquals(id % 7, batch.labels()[i]);
          float[] x = batch.inputs().get(0).toFloatArray();
          assertArrayEquals(new float[] {id, id + 0.5f}, Arrays.copyOfRange(x, 2 * i, 2 * i + 2));
          assertEquals(DType.INT64, batch.inputs().get(1).dtype());
          long[] tokens = batch.inputs().get(1).toLongArray();
          assertEquals(id * 1_000_000_000_000L, tokens[2 * i + 1]);
        }
      }
    }
  }

  @Test
  @DisplayName("rows on disk give the same bits as rows in memory, in any order and batch size")
  void spilledEqualsUnspilled() {
    Dataset<Row> data = rows(500, 5);
    RowSpec spec = spec(data, ValidationSplit.NONE);
    try (WorkerRows inMemory = load(dealt(data, spec, 1).get(0), spec);
        WorkerRows onDisk = WorkerRows.load(dealt(data, spec, 1).get(0), spec, stores(false))) {
      assertTrue(onDisk.training().spilled());
      assertTrue(!inMemory.training().spilled());
      int[] order = new Generator(1).permutation(500);
      for (int from = 0; from < 500; from += 64) {
        int to = Math.min(500, from + 64);
        Batch expected = inMemory.training().batch(order, from, to);
        Batch actual = onDisk.training().batch(order, from, to);
        assertArrayEquals(expected.labels(), actual.labels());
        assertArrayEquals(expected.weights(), actual.weights());
        assertEquals(1.0 + order[from], actual.weights()[0]);
        for (int i = 0; i < 2; i++) {
          assertArrayEquals(
              expected.inputs().get(i).toDoubleArray(), actual.inputs().get(i).toDoubleArray());
        }
      }
    }
  }

  @Test
  @DisplayName("a boolean column says which rows are held back, and both kinds are dealt evenly")
  void validationByColumn() {
    Dataset<Row> data = rows(60, 2);
    RowSpec spec = spec(data, ValidationSplit.byColumn("held back"));
    for (Iterator<byte[]> dealt : dealt(data, spec, 3)) {
      try (WorkerRows rows = load(dealt, spec)) {
        assertEquals(40 / 3.0, rows.training().size(), 1);
        assertEquals(20 / 3.0, rows.validation().size(), 1);
        for (double weight : weights(rows.validation())) {
          assertEquals(0, (weight - 1) % 3);
        }
        for (double weight : weights(rows.training())) {
          assertNotEquals(0, (weight - 1) % 3);
        }
      }
    }
  }

  @Test
  @DisplayName(
      "a fraction holds back about so many rows, the same ones for every number of workers")
  void validationByFraction() {
    Dataset<Row> data = rows(2000, 3);
    List<TreeSet<Double>> heldBack = new ArrayList<>();
    for (long seed : new long[] {5, 5, 6}) {
      RowSpec spec = spec(data, ValidationSplit.byFraction(0.25, seed));
      TreeSet<Double> weights = new TreeSet<>();
      for (Iterator<byte[]> dealt : dealt(data, spec, 1 + heldBack.size())) {
        try (WorkerRows rows = load(dealt, spec)) {
          Arrays.stream(weights(rows.validation())).forEach(weights::add);
        }
      }
      assertEquals(500, weights.size(), 80); // four standard deviations
      heldBack.add(weights);
    }
    assertEquals(heldBack.get(0), heldBack.get(1));
    assertNotEquals(heldBack.get(0), heldBack.get(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,0)"})
  void labelsAndWeightsOfEveryNumericType(String type) {
    Dataset<Row> data =
        rows(6, 1)
            .withColumn("label", expr("cast(label as %s)".formatted(type)))
            .withColumn("weight", expr("cast(weight as %s)".formatted(type)));
    for (LabelSpec label :
        List.of(
            LabelSpec.classes(data.schema(), "label", 7),
            LabelSpec.values(data.schema(), "label", 1))) {
      RowSpec spec = spec(data, label, ValidationSplit.NONE);
      try (WorkerRows rows = load(dealt(data, spec, 1).get(0), spec)) {
        Batch batch = rows.training().batch(all(rows.training()), 0, 6);
        assertArrayEquals(new double[] {0, 1, 2, 3, 4, 5}, batch.labels());
        assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, batch.weights());
      }
    }
  }

  @Test
  @DisplayName("labels of several numbers are vectors or arrays")
  void severalNumbers() {
    Dataset<Row> arrays = rows(2, 1).withColumn("label", expr("array(int(weight), 2, 3)"));
    Dataset<Row> vectors =
        rows(2, 1)
            .withColumn("label", functions.array_to_vector(expr("array(double(weight), 2d, 3d)")));
    for (Dataset<Row> data : List.of(arrays, vectors)) {
      RowSpec spec = spec(data, LabelSpec.values(data.schema(), "label", 3), ValidationSplit.NONE);
      try (WorkerRows rows = load(dealt(data, spec, 1).get(0), spec)) {
        assertArrayEquals(
            new double[] {1, 2, 3, 2, 2, 3},
            rows.training().batch(all(rows.training()), 0, 2).labels());
      }
    }
    Dataset<Row> data = arrays;
    assertEquals(
        Optional.of(
            "Column label must have 2 values in every row, one for each output of the network, but"
                + " has 3 in row 0 of partition 0."),
        rejection(data, LabelSpec.values(data.schema(), "label", 2), ValidationSplit.NONE));
    assertEquals(
        "Column label must be a Vector or an array of numbers, as the network has 2 outputs, but"
            + " was actually of type bigint.",
        assertThrows(InputException.class, () -> LabelSpec.values(rows(1, 1).schema(), "label", 2))
            .getMessage());
  }

  // Rows that cannot be used

  private Optional<String> rejection(Dataset<Row> data, LabelSpec label, ValidationSplit split) {
    RowSpec spec = spec(data, label, split);
    try (WorkerRows rows = load(dealt(data, spec, 1).get(0), spec)) {
      return rows.rejection().map(Rejection::sentence);
    }
  }

  private static Dataset<Row> with(String column, String value) {
    return rows(3, 1).withColumn(column, expr("if(weight = 2, %s, double(1))".formatted(value)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "double('NaN') | Labels MUST NOT be Null or NaN, but column label holds NaN",
        "null | Labels MUST NOT be Null or NaN, but column label is null",
        "7 | Labels MUST be in [0, 7), but column label holds 7.0",
        "-1 | Labels MUST be in [0, 7), but column label holds -1.0",
        "double('Infinity') | Labels MUST be in [0, 7), but column label holds Infinity",
        "0.5 | Labels MUST be Integers, but column label holds 0.5",
      })
  void labelsThatAreNoClasses(String value, String sentence) {
    Dataset<Row> data = with("label", value);
    assertEquals(
        Optional.of(sentence + " in row 1 of partition 0."),
        rejection(data, LabelSpec.classes(data.schema(), "label", 7), ValidationSplit.NONE));
  }

  @Test
  void labelsOfTwoClasses() {
    Dataset<Row> data = with("label", "2");
    assertEquals(
        Optional.of(
            "Labels MUST be in {0, 1}, but column label holds 2.0 in row 1 of partition 0."),
        rejection(data, LabelSpec.classes(data.schema(), "label", 2), ValidationSplit.NONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "double('NaN') | Labels MUST NOT be Null or NaN, but column label holds NaN",
        "null | Labels MUST NOT be Null or NaN, but column label is null",
        "double('-Infinity') | Labels MUST NOT be Infinity, but column label holds -Infinity",
      })
  void labelsThatAreNoValues(String value, String sentence) {
    Dataset<Row> data = with("label", value);
    assertEquals(
        Optional.of(sentence + " in row 1 of partition 0."),
        rejection(data, LabelSpec.values(data.schema(), "label", 1), ValidationSplit.NONE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "double('NaN') | Weights MUST NOT be Null or NaN, but column weight holds NaN",
        "null | Weights MUST NOT be Null or NaN, but column weight is null",
        "-0.5 | Weights MUST NOT be Negative or Infinity, but column weight holds -0.5",
        "double('Infinity') | Weights MUST NOT be Negative or Infinity, but column weight holds Infinity",
      })
  void weightsThatAreNone(String value, String sentence) {
    Dataset<Row> data = with("weight", value);
    assertEquals(
        Optional.of(sentence + " in row 1 of partition 0."),
        rejection(data, LabelSpec.classes(data.schema(), "label", 7), ValidationSplit.NONE));
  }

  @Test
  @DisplayName("of several rows that cannot be used, the first in the DataFrame is named")
  void firstRejection() {
    Dataset<Row> data = rows(40, 4).withColumn("label", expr("if(weight >= 15, -1, 1)"));
    assertEquals(
        Optional.of(
            "Labels MUST be in [0, 7), but column label holds -1.0 in row 4 of partition 1."),
        rejection(data, LabelSpec.classes(data.schema(), "label", 7), ValidationSplit.NONE));
  }

  @Test
  void validationIndicators() {
    Dataset<Row> data = rows(3, 1).withColumn("held back", expr("if(weight = 3, null, true)"));
    assertEquals(
        Optional.of(
            "Column held back must say of every row whether it is validated on but is null in row 2"
                + " of partition 0."),
        rejection(
            data,
            LabelSpec.classes(data.schema(), "label", 7),
            ValidationSplit.byColumn("held back")));
    Dataset<Row> integers = data.withColumn("held back", lit(1));
    assertEquals(
        "Column held back must be of type boolean (validationIndicatorCol) but was actually of type"
            + " int.",
        assertThrows(
                InputException.class,
                () ->
                    DealtRows.of(
                        integers, spec(integers, ValidationSplit.byColumn("held back")), 1))
            .getMessage());
  }

  @Test
  void stringsAreRefusedAsSparkDoes() {
    Dataset<Row> data = rows(1, 1).withColumn("label", lit("a")).withColumn("weight", lit("1"));
    for (int outputs : new int[] {1, 3}) {
      assertEquals(
          "Column label must be of type numeric but was actually of type string.",
          assertThrows(
                  InputException.class, () -> LabelSpec.classes(data.schema(), "label", outputs))
              .getMessage());
    }
    assertEquals(
        "Column weight must be of type numeric but was actually of type string.",
        assertThrows(
                InputException.class,
                () ->
                    DealtRows.of(
                        data,
                        spec(
                            data,
                            new LabelSpec("label", LabelSpec.Kind.CLASS, 3),
                            ValidationSplit.NONE),
                        1))
            .getMessage());
  }
}
