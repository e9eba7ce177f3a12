// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a partition with fields added. It holds copies of the rows of one batch, since those
 * who give them use their memory again for the next one; so does this: a row that it gives is
 * overwritten by the next.
 */
final class BatchedRows implements Iterator<InternalRow> {
  private final Iterator<InternalRow> source;
  private final int batchSize;
  private final CatalystBatches.WorkFactory factory;
  private final RowMemory batch;
  private final InternalRow added;
  private final JoinedRow joined = new JoinedRow();
  private @Nullable BatchWork work;
  private int next;
  private long seen;

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
    this.batch = new RowMemory(fields);
    this.added = new SpecificInternalRow(added);
    this.batchSize = batchSize;
    this.factory = factory;
  }

  @Override
  public boolean hasNext() {
    return next < batch.size() || source.hasNext();
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    BatchWork w = work == null ? factory.create() : work; // not for a partition without rows
    work = w;
    if (next == batch.size()) {
      readBatch(w);
    }
    w.write(next, added);
    return joined.apply(batch.get(next++), added);
  }

  private void readBatch(BatchWork w) {
    TaskContext task = TaskContext.get();
    if (task != null) {
      task.killTaskIfInterrupted();
    }
    next = 0;
    batch.clear();
    while (batch.size() < batchSize && source.hasNext()) {
      InternalRow row = source.next();
      w.read(row, place);
      seen++;
      batch.add(row);
    }
    w.compute();
  }
}
