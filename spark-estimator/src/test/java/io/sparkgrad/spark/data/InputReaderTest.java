// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.spark.ClusterOfThreads;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputReaderTest {
  private static SparkSession spark;

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

  private static Dataset<Row> column(DataType type, Object value) {
    return spark.createDataFrame(
        Arrays.asList(RowFactory.create(value)), new StructType().add("x", type));
  }

  private static Dataset<Row> column(String expression) {
    return spark.range(1).select(expr(expression).as("x"));
  }

  private static Tensor read(InputSpec spec, Dataset<Row> data) {
    InputReader reader = InputReader.of(spec, data.schema());
    InternalRow[] rows = data.queryExecution().executedPlan().executeCollect();
    InputBatch batch = new InputBatch(spec, rows.length);
    ByteBuffer values = ByteBuffer.allocate(spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows.length; i++) {
      reader.read(rows[i], "row " + i, values.clear());
      assertEquals(0, values.remaining());
      batch.set(i, values.flip());
    }
    return batch.tensor();
  }

  private static Tensor read(Dataset<Row> data, boolean tokens, Long... shape) {
    return read(InputSpec.of(data.schema(), List.of("x"), List.of(shape), tokens), data);
  }

  private static void assertRejected(String sentence, Dataset<Row> data, Long... shape) {
    assertEquals(
        sentence, assertThrows(InputException.class, () -> read(data, false, shape)).getMessage());
  }

  @Test
  @DisplayName("a dense and a sparse vector and a single Vector give the same")
  void vectors() {
    Dataset<Row> data =
        spark.createDataFrame(
            List.of(
                RowFactory.create(Vectors.dense(0, 1.5, 0, -2)),
                RowFactory.create(Vectors.sparse(4, new int[] {1, 3}, new double[] {1.5, -2}))),
            new StructType().add("x", SQLDataTypes.VectorType()));
    Tensor rows = read(data, false, 2L, 2L);
    assertArrayEquals(new long[] {2, 2, 2}, rows.shape().dims());
    assertArrayEquals(new float[] {0, 1.5f, 0, -2, 0, 1.5f, 0, -2}, rows.toFloatArray());
    InputSpec spec = InputSpec.of(data.schema(), List.of("x"), List.of(4L), false);
    for (Row row : data.collectAsList()) {
      Tensor single = InputBatch.ofVector(spec, row.getAs(0));
      assertArrayEquals(new float[] {0, 1.5f, 0, -2}, single.toFloatArray());
      assertArrayEquals(new long[] {1, 4}, single.shape().dims());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tinyint", "smallint", "int", "bigint", "float", "double", "decimal(9,2)"})
  void arraysAndScalarsOfEveryNumericType(String type) {
    Dataset<Row> array = column("cast(array(3, -7, 100) as array<%s>)".formatted(type));
    assertArrayEquals(new float[] {3, -7, 100}, read(array, false, 3L).toFloatArray());
    Dataset<Row> scalar = column("cast(-7 as %s)".formatted(type));
    assertArrayEquals(new float[] {-7}, read(scalar, false, 1L).toFloatArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinyint", "smallint", "int", "bigint"})
  void tokensAreIntegers(String type) {
    Tensor tokens = read(column("cast(array(3, 0, 100) as array<%s>)".formatted(type)), true, 3L);
    assertEquals(DType.INT64, tokens.dtype());
    assertArrayEquals(new long[] {3, 0, 100}, tokens.toLongArray());
  }

  @Test
  void tokensAreNotFractions() {
    assertEquals(
        "Column x must hold integers, which the network looks up in an Embedding, but was actually"
            + " of type array<decimal(2,1)>.",
        assertThrows(InputException.class, () -> read(column("array(1.0, 2.5)"), true, 2L))
            .getMessage());
  }

  @Test
  @DisplayName("several columns of numbers are one vector, in the order in which they are named")
  void severalColumns() {
    Dataset<Row> data = spark.range(1).selectExpr("id", "2.5 as `a.b`", "cast(7 as tinyint) as c");
    InputSpec spec = InputSpec.of(data.schema(), List.of("c", "a.b", "id"), List.of(3L), false);
    assertArrayEquals(new float[] {7, 2.5f, 0}, read(spec, data).toFloatArray());
    assertEquals(
        "inputShape: expected 3 values for the columns c, a.b, id, got [4].",
        assertThrows(
                InputException.class,
                () -> InputSpec.of(data.schema(), List.of("c", "a.b", "id"), List.of(4L), false))
            .getMessage());
  }

  @Test
  @DisplayName("the shape of the first row stands in for one that is not set")
  void shapes() {
    assertEquals(List.of(3L), InputShapes.ofFirstRow(column("array(1, 2, 3)"), List.of("x")));
    assertEquals(List.of(1L), InputShapes.ofFirstRow(column("1.5"), List.of("x")));
    assertEquals(List.of(2L), InputShapes.ofFirstRow(column("1.5"), List.of("x", "y")));
    Dataset<Row> vector =
        column(SQLDataTypes.VectorType(), Vectors.sparse(9, new int[0], new double[0]));
    assertEquals(List.of(9L), InputShapes.ofFirstRow(vector, List.of("x")));
    assertEquals(
        "Vectors MUST NOT be Null, but column x is null in the first row.",
        assertThrows(
                InputException.class,
                () -> InputShapes.ofFirstRow(column(SQLDataTypes.VectorType(), null), List.of("x")))
            .getMessage());
    assertEquals(
        "The DataFrame has no rows to train on.",
        assertThrows(
                InputException.class, () -> InputShapes.ofFirstRow(vector.limit(0), List.of("x")))
            .getMessage());
  }

  // What is wrong, in one sentence that names column and row

  @Test
  void lengthsThatDiffer() {
    assertRejected(
        "Column x must have 4 values in every row (inputShape [2, 2]) but has 3 in row 0.",
        column("array(1, 2, 3)"),
        2L,
        2L);
    assertRejected(
        "Column x must have 4 values in every row (inputShape [4]) but has 9 in row 0.",
        column(SQLDataTypes.VectorType(), Vectors.sparse(9, new int[0], new double[0])),
        4L);
  }

  @ParameterizedTest
  @CsvSource({"float, NaN, NaN", "double, Infinity, an infinity", "double, -1e39, an infinity"})
  void valuesThatAreNotFinite(String type, String value, String called) {
    String rest = "(in float32)".substring(0, called.equals("NaN") ? 0 : 12);
    String sentence =
        "Vector values MUST NOT be NaN or Infinity, but column x holds %s as value 1 of row 0; fill or drop such rows."
            .formatted((called + " " + rest).trim());
    String array = "cast(array(1d, cast('%s' as double)) as array<%s>)".formatted(value, type);
    assertRejected(sentence, column(array), 2L);
    if (type.equals("double")) {
      assertRejected(
          sentence,
          column(SQLDataTypes.VectorType(), Vectors.dense(0, Double.parseDouble(value))),
          2L);
    }
    assertRejected(
        "Vector values MUST NOT be NaN or Infinity, but column x holds %s in row 0; fill or drop such rows."
            .formatted(Double.parseDouble(value)),
        column("cast('%s' as %s)".formatted(value, type)),
        1L);
  }

  @Test
  void nulls() {
    String sentence = "Vectors MUST NOT be Null, but column x is null in row 0.";
    assertRejected(sentence, column(SQLDataTypes.VectorType(), null), 2L);
    assertRejected(sentence, column("cast(null as array<float>)"), 2L);
    assertRejected(sentence, column("cast(null as int)"), 1L);
    assertRejected(sentence, column("cast(null as binary)"), 1L, 2L, 2L);
    assertRejected(
        "Column x holds null as value 1 of row 0; fill or drop such rows.",
        column("array(1f, cast(null as float))"),
        2L);
  }

  @Test
  void columnsThatAreMissingOrOfAnotherType() {
    assertEquals(
        "featuresCol: the DataFrame has no column 'y'; it has x.",
        assertThrows(
                InputException.class,
                () -> InputSpec.of(column("1").schema(), List.of("y"), List.of(1L), false))
            .getMessage());
    String kinds =
        "Column x must be a Vector, an array of numbers, an image, the bytes of a PNG or JPEG file, or a number but was actually of type ";
    assertRejected(kinds + "string.", column("'a'"), 1L);
    assertRejected(kinds + "array<string>.", column("array('a')"), 1L);
    assertRejected(kinds + "struct<a:int>.", column("named_struct('a', 1)"), 1L);
    Dataset<Row> two = column("'a'").withColumn("y", col("x"));
    assertEquals(
        "Column x must be of type numeric but was actually of type string.",
        assertThrows(
                InputException.class,
                () -> InputSpec.of(two.schema(), List.of("x", "y"), List.of(2L), false))
            .getMessage());
  }

  @Test
  void aSingleVectorIsCheckedToo() {
    InputSpec spec = new InputSpec(List.of("x"), List.of(2L), Element.FLOAT32);
    String message =
        assertThrows(
                InputException.class, () -> InputBatch.ofVector(spec, Vectors.dense(1, Double.NaN)))
            .getMessage();
    assertTrue(message.contains("column x holds NaN as value 1 of the vector;"), message);
  }
}
