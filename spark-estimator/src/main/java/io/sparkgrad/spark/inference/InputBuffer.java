// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.spark.data.InputBatch;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.InputReader;
import io.sparkgrad.spark.data.InputSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.spark.sql.catalyst.InternalRow;

/** One input of the network for the rows of a batch, in memory that the next batch uses again. */
final class InputBuffer {
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final InputSpec spec;
  private final InputReader reader;
  private final int rowBytes;
  private InputBatch batch;

  /** Grows with the rows that come, since a batch may be meant to be larger than the partition. */
  private ByteBuffer values = ByteBuffer.allocate(0);

  InputBuffer(InputSpec spec, InputReader reader) {
    this.spec = spec;
    this.reader = reader;
    this.rowBytes = spec.bytes();
    this.batch = new InputBatch(spec, 0);
  }

  void append(InternalRow row, Object where) {
    if (values.remaining() < rowBytes) {
      grow(where);
    }
    reader.read(row, where, values);
  }

  private void grow(Object where) {
    long needed = (long) values.position() + rowBytes;
    if (needed > LARGEST) {
      throw new InputException(
          "inferenceBatchSize: at %s a batch of the columns %s would take more than 2 GB; lower it."
              .formatted(where, String.join(", ", spec.columns())));
    }
    long size = Math.min(LARGEST, Math.max(needed, 2L * values.capacity()));
    ByteBuffer larger = ByteBuffer.allocate((int) size);
    values = larger.order(ByteOrder.LITTLE_ENDIAN).put(values.flip());
  }

  /**
   * Rows {@code from} to {@code to - 1} as a tensor {@code [rows, shape…]} that belongs to the open
   * scope.
   */
  Tensor tensor(int from, int to) {
    if (batch.rows() != to - from) {
      batch = new InputBatch(spec, to - from);
    }
    ByteBuffer rows = values.duplicate().order(ByteOrder.LITTLE_ENDIAN).flip();
    rows.position(from * rowBytes);
    for (int i = 0; i < batch.rows(); i++) {
      batch.set(i, rows);
    }
    return batch.tensor();
  }

  /** Forgets the rows. */
  void clear() {
    values.clear();
  }
}
