// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.util.Iterator;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * Deals the rows of a DataFrame out to the workers, checked and encoded. Row i of input partition p
 * goes to worker {@code (p + i) mod numWorkers}, and each worker has its rows in the order of (p,
 * i): shares differ by at most one row per input partition, and the same input gives the same
 * shares every time, which a fetch from a shuffle alone would not.
 */
public final class ClassificationRows {
  /** Leaves 2²³ partitions and 2⁴⁰ rows in each. */
  private static final int ROW_BITS = 40;

  private ClassificationRows() {}

  /**
   * One partition of {@link TrainingRow}s per worker.
   *
   * @param selected features, label, weight, as {@link InputColumns#select} gives them
   */
  public static JavaRDD<byte[]> deal(
      Dataset<Row> selected,
      FeatureReader features,
      String labelCol,
      String weightCol,
      int classes,
      int numWorkers) {
    JavaPairRDD<Long, byte[]> keyed =
        selected
            .javaRDD()
            .mapPartitionsWithIndex(
                (partition, rows) ->
                    new Encoder(partition, rows, features, labelCol, weightCol, classes),
                false)
            .mapToPair(t -> t);
    return keyed.repartitionAndSortWithinPartitions(new RoundRobin(numWorkers)).values();
  }

  /** Encodes a partition row by row, without holding it. */
  private record Encoder(
      RowCounter counter,
      Iterator<Row> rows,
      FeatureReader features,
      String labelCol,
      String weightCol,
      int classes)
      implements Iterator<Tuple2<Long, byte[]>> {
    Encoder(
        int partition,
        Iterator<Row> rows,
        FeatureReader features,
        String labelCol,
        String weightCol,
        int classes) {
      this(new RowCounter(partition), rows, features, labelCol, weightCol, classes);
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Tuple2<Long, byte[]> next() {
      Row row = rows.next();
      long key = counter.next();
      return new Tuple2<>(key, encoded(row, counter.toString()));
    }

    private byte[] encoded(Row row, String where) {
      try {
        float[] x = features.read(row, 0, where);
        return TrainingRow.encode(weight(row, where), label(row, where), x);
      } catch (InputException e) {
        return TrainingRow.rejected(e);
      }
    }

    private double label(Row row, String where) {
      if (row.isNullAt(1)) {
        throw new InputException("Column %s is null in %s.".formatted(labelCol, where));
      }
      double label = row.getDouble(1);
      if (label != Math.rint(label) || label < 0 || label >= classes) {
        throw new InputException(
            "Column %s must hold class numbers 0 to %d (the network has %d outputs) but holds %s in %s."
                .formatted(labelCol, classes - 1, classes, label, where));
      }
      return label;
    }

    private double weight(Row row, String where) {
      double weight = row.isNullAt(2) ? Double.NaN : row.getDouble(2);
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw new InputException(
            "Column %s must hold finite weights of 0 or more but holds %s in %s."
                .formatted(weightCol, row.isNullAt(2) ? "null" : weight, where));
      }
      return weight;
    }
  }

  /** Numbers the rows of one partition. */
  static final class RowCounter {
    private final int partition;
    private long row = -1;

    RowCounter(int partition) {
      this.partition = partition;
    }

    long next() {
      row++;
      return ((long) partition << ROW_BITS) | row;
    }

    @Override
    public String toString() {
      return "row " + row + " of partition " + partition;
    }
  }

  private static final class RoundRobin extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int partitions;

    RoundRobin(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      long k = (Long) key;
      long row = k & ((1L << ROW_BITS) - 1);
      return (int) (((k >>> ROW_BITS) + row) % partitions);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof RoundRobin r && r.partitions == partitions;
    }

    @Override
    public int hashCode() {
      return partitions;
    }
  }
}
