// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a partition with fields added, in their order. It holds copies of the rows of one
 * batch, since those who give them use their memory again for the next one; so does this: a row
 * that it gives is overwritten by the next.
 *
 * <p>Where a device computes by itself, it holds two batches: before the results of one are
 * awaited, the rows of the next are read and its work is begun. All of that happens in the thread
 * that asks for rows, the only one that may read from a task's {@code source}.
 */
final class BatchedRows implements Iterator<InternalRow> {
  private final Iterator<InternalRow> source;
  private final int batchSize;
  private final CatalystBatches.WorkFactory factory;
  private final StructType fields;
  private final InternalRow added;
  private final JoinedRow joined = new JoinedRow();
  private @Nullable BatchWork work;

  /** The batch whose rows are given. */
  private RowMemory batch;

  private BatchWork.Results results = (index, row) -> {}; // no rows yet
  private int next;

  /** The batch behind it; null where none was begun. */
  private @Nullable Begun ahead;

  /** What went wrong with that one; it is thrown in its turn, or never if nobody wants its rows. */
  private @Nullable RuntimeException failure;

  private long seen;

  /** A batch under way. */
  private record Begun(RowMemory rows, Supplier<BatchWork.Results> results) {}

  /** Of the row that is being read; put into words only where something is wrong with it. */
  private final Object place =
      new Object() {
        @Override
        public String toString() {
          return "row %d of partition %d".formatted(seen, TaskContext.getPartitionId());
        }
      };

  /**
   * @param fields of the rows that come
   */
  BatchedRows(
      Iterator<InternalRow> source,
      StructType fields,
      StructType added,
      int batchSize,
      CatalystBatches.WorkFactory factory) {
    this.source = source;
    this.fields = fields;
    this.batch = new RowMemory(fields);
    this.added = new SpecificInternalRow(added);
    this.batchSize = batchSize;
    this.factory = factory;
  }

  @Override
  public boolean hasNext() {
    return next < batch.size() || ahead != null || failure != null || source.hasNext();
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    BatchWork w = work == null ? factory.create() : work; // not for a partition without rows
    work = w;
    if (next == batch.size()) {
      nextBatch(w);
    }
    results.write(next, added);
    return joined.apply(batch.get(next++), added);
  }

  private void nextBatch(BatchWork w) {
    TaskContext task = TaskContext.get();
    if (task != null) {
      task.killTaskIfInterrupted();
    }
    if (failure != null) {
      throw failure;
    }
    RowMemory given = batch;
    Begun now = ahead == null ? begin(w, given) : ahead;
    ahead =
        w.computesByItself()
            ? beginAhead(w, now.rows == given ? new RowMemory(fields) : given)
            : null;
    results = now.results.get();
    batch = now.rows;
    next = 0;
  }

  /** Reads a batch of at least one row, and begins its work. */
  private Begun begin(BatchWork w, RowMemory rows) {
    rows.clear();
    while (rows.size() < batchSize && source.hasNext()) {
      InternalRow row = source.next();
      w.read(row, place);
      seen++;
      rows.add(row);
    }
    return new Begun(rows, w.compute());
  }

  /** Null if there are no more rows, or if it failed. */
  private @Nullable Begun beginAhead(BatchWork w, RowMemory rows) {
    try {
      return source.hasNext() ? begin(w, rows) : null;
    } catch (RuntimeException e) {
      failure = e;
      return null;
    }
  }
}
