// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.apache.spark.sql.functions.col;

import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Deals the rows of a DataFrame out to the workers, checked and encoded. Of each partition p, row i
 * goes to worker {@code (p + i) mod numWorkers}, where rows for training, for validation and those
 * that cannot be used are counted apart: shares differ by at most one row per partition, and the
 * same input gives the same shares every time.
 *
 * <p>The rows come to a worker in no particular order, as fetched; {@link WorkerRows} restores
 * theirs. So the shuffle sorts nothing, and what does not fit in memory is written once.
 */
public final class DealtRows {
  private DealtRows() {}

  /**
   * One partition of rows per worker, for {@link WorkerRows}.
   *
   * @throws InputException if the columns of weight and split are not what they have to be
   */
  public static JavaRDD<byte[]> of(Dataset<?> dataset, RowSpec spec, int numWorkers) {
    RowSpec.check(dataset.schema(), spec.weightCol(), spec.split());
    Dataset<Row> selected =
        dataset.select(
            spec.columns().stream()
                .map(column -> col(InputColumns.quoted(column)))
                .toArray(Column[]::new));
    RowEncoder encoder = new RowEncoder(spec, selected.schema());
    JavaRDD<Tuple2<Integer, byte[]>> dealt =
        new JavaRDD<>(selected.queryExecution().toRdd(), ClassTag$.MODULE$.apply(InternalRow.class))
            .mapPartitionsWithIndex(
                (partition, rows) -> new Dealer(partition, rows, encoder, numWorkers), false);
    ClassTag<byte[]> bytes = ClassTag$.MODULE$.apply(byte[].class);
    ShuffledRDD<Integer, byte[], byte[]> shuffled =
        new ShuffledRDD<Integer, byte[], byte[]>(
                dealt.rdd(),
                new ByWorker(numWorkers),
                ClassTag$.MODULE$.apply(Integer.class),
                bytes,
                bytes)
            .setSerializer(new RowSerializer());
    return shuffled.toJavaRDD().map(Tuple2::_2);
  }

  /** Encodes a partition row by row, without holding it. */
  private static final class Dealer implements Iterator<Tuple2<Integer, byte[]>> {
    private final Iterator<InternalRow> rows;
    private final RowEncoder encoder;
    private final RowPlace place;
    private final int numWorkers;

    /** For each kind of row the worker that gets the next one. */
    private final Map<EncodedRow.Kind, Integer> next = new EnumMap<>(EncodedRow.Kind.class);

    Dealer(int partition, Iterator<InternalRow> rows, RowEncoder encoder, int numWorkers) {
      this.rows = rows;
      this.encoder = encoder;
      this.place = new RowPlace(partition);
      this.numWorkers = numWorkers;
      for (EncodedRow.Kind kind : EncodedRow.Kind.values()) {
        next.put(kind, partition % numWorkers);
      }
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Tuple2<Integer, byte[]> next() {
      place.advance();
      EncodedRow row = encoder.encode(rows.next(), place);
      int worker = Objects.requireNonNull(next.get(row.kind()));
      next.put(row.kind(), (worker + 1) % numWorkers);
      return new Tuple2<>(worker, row.bytes());
    }
  }

  /** The key is the worker. */
  private static final class ByWorker extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int numWorkers;

    ByWorker(int numWorkers) {
      this.numWorkers = numWorkers;
    }

    @Override
    public int numPartitions() {
      return numWorkers;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof ByWorker b && b.numWorkers == numWorkers;
    }

    @Override
    public int hashCode() {
      return numWorkers;
    }
  }
}
