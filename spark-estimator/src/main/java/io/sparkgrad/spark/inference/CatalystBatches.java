// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.CreateStruct$;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.catalyst.plans.logical.DeserializeToObject;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MapPartitions;
import org.apache.spark.sql.catalyst.plans.logical.SerializeFromObject;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.ObjectType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Appends columns to a DataFrame, a batch of rows at a time: {@code Dataset.mapPartitions} over
 * Spark's own rows. The plan is the one that {@code mapPartitions} makes, so streams, adaptive
 * execution and {@code explain} know it; only its object is not a {@link Row} but the row as it
 * stands in memory. Encoders would turn every value of every column into a Java object and back,
 * which for an array of 3,072 numbers costs more than a small network does.
 *
 * <p>Columns that pass through stay the same attributes, as under {@code withColumn}: what refers
 * to a column of the input, {@code df.col("id")}, refers to that of the output too, and their
 * partitioning is known to be that of the input.
 *
 * <p>Spark offers none of this publicly. All that is private of Spark SQL and needed for it is in
 * this class.
 */
public final class CatalystBatches {
  /** Fields of a row of the input, and of those fields and the added ones. */
  private record Shape(StructType in, StructType out) {}

  private CatalystBatches() {}

  /** Makes the work on one partition; called in its task. */
  interface WorkFactory extends Serializable {
    BatchWork create();
  }

  /**
   * The rows of a DataFrame with columns added to them.
   *
   * @param added the columns; their names are not in use
   * @param batchSize how many rows are worked on at once; the work says whether two such batches
   *     are held
   * @throws UnsupportedOperationException for a DataFrame of Spark Connect
   */
  static Dataset<Row> append(
      Dataset<?> dataset, List<StructField> added, int batchSize, WorkFactory work) {
    if (!(dataset instanceof org.apache.spark.sql.classic.Dataset<?> local)) {
      throw new UnsupportedOperationException(
          "transform: expected a DataFrame of the session that runs the application, got one of Spark Connect; transform where the application runs.");
    }
    LogicalPlan input = local.logicalPlan();
    List<Attribute> columns = CollectionConverters.asJava(input.output());
    Shape shape = shape(columns, added);
    // Two types of object, and not one: between two equal ones, as of two networks in turn, the
    // optimiser would leave out the columns' way into a row and out of it, which here chooses them.
    Attribute before = object(InternalRow.class);
    Attribute after = object(JoinedRow.class);
    StructType in = shape.in;
    StructType addedFields = new StructType(added.toArray(StructField[]::new));
    Function1<Iterator<Object>, Iterator<Object>> map =
        (Function1<Iterator<Object>, Iterator<Object>> & Serializable)
            rows ->
                appended(rows, source -> new BatchedRows(source, in, addedFields, batchSize, work));
    LogicalPlan objects =
        new MapPartitions(map, after, new DeserializeToObject(row(input.output()), before, input));
    return org.apache.spark.sql.classic.Dataset.ofRows(
        local.sparkSession(), new SerializeFromObject(fields(columns, shape), objects));
  }

  /** What Spark calls objects are rows here. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Iterator<Object> appended(
      Iterator<Object> rows, UnaryOperator<java.util.Iterator<InternalRow>> map) {
    java.util.Iterator objects = CollectionConverters.asJava(rows);
    return CollectionConverters.asScala(map.apply(objects));
  }

  private static Shape shape(List<Attribute> columns, List<StructField> added) {
    List<StructField> fields = new ArrayList<>();
    for (Attribute a : columns) {
      fields.add(new StructField(a.name(), a.dataType(), a.nullable(), a.metadata()));
    }
    StructType in = new StructType(fields.toArray(StructField[]::new));
    fields.addAll(added);
    return new Shape(in, new StructType(fields.toArray(StructField[]::new)));
  }

  private static Attribute object(Class<? extends InternalRow> type) {
    return new AttributeReference(
        "obj", new ObjectType(type), false, Metadata.empty(), NamedExpression.newExprId(), none());
  }

  /** A struct would be turned into Java objects; an object of {@link #identity} is left alone. */
  private static Expression row(Seq<Attribute> columns) {
    Expression struct = CreateStruct$.MODULE$.apply(cast(columns));
    return new StaticInvoke(
        CatalystBatches.class,
        new ObjectType(InternalRow.class),
        "identity",
        seq(List.of(struct)),
        none(),
        true,
        false,
        true,
        Option.empty());
  }

  /** Called by the code that Spark generates. */
  public static InternalRow identity(InternalRow row) {
    return row;
  }

  private static Seq<NamedExpression> fields(List<Attribute> columns, Shape shape) {
    Expression row = new BoundReference(0, shape.out, false);
    List<NamedExpression> fields = new ArrayList<>();
    for (int i = 0; i < shape.out.length(); i++) {
      Attribute column = i < columns.size() ? columns.get(i) : null;
      ExprId id = column == null ? NamedExpression.newExprId() : column.exprId();
      StructField field = shape.out.fields()[i];
      fields.add(
          new Alias(
              new GetStructField(row, i, Option.apply(field.name())),
              field.name(),
              id,
              column == null ? none() : column.qualifier(),
              Option.apply(field.metadata()),
              none()));
    }
    return seq(fields);
  }

  private static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  private static <T> Seq<T> none() {
    return seq(List.of());
  }

  @SuppressWarnings("unchecked")
  private static Seq<Expression> cast(Seq<? extends Expression> expressions) {
    return (Seq<Expression>) expressions;
  }
}
