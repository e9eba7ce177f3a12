// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tables that tell a kernel where many tensors are, so that one launch does them all: for each
 * block {@code tensor·2³² + chunk}, where a chunk is 4096 elements; then for each tensor a row with
 * its length and the addresses of the buffers that go with it.
 *
 * <p>A table stays on the device: in a warm step, whose tensors stand where they stood, nothing is
 * uploaded and the kernel's arguments are the same.
 */
final class TensorTables {
  private static final int CHUNK = 4096;

  /** Parameters of two optimisers, in two types, whose gradients take turns between two places. */
  private static final int KEPT = 8;

  /** The one that was used last is the first. */
  private final Deque<Table> recent = new ArrayDeque<>();

  /**
   * A table on the device.
   *
   * @param rows of the tensors
   * @param chunks blocks that the kernel needs
   */
  record Table(long[] rows, int chunks, Buffer buffer) {}

  /**
   * The table of these tensors.
   *
   * @param tensors lists that go together, the i-th buffers of one length; those of an empty list
   *     have address 0
   * @return null if there is not one element
   */
  synchronized @Nullable Table of(List<List<Buffer>> tensors) {
    long[] rows = rows(tensors);
    for (Iterator<Table> tables = recent.iterator(); tables.hasNext(); ) {
      Table table = tables.next();
      if (Arrays.equals(table.rows(), rows)) {
        tables.remove();
        recent.addFirst(table);
        return table;
      }
    }
    long[] chunks = chunks(tensors.get(0));
    if (chunks.length == 0) {
      return null;
    }
    long[] all = Arrays.copyOf(chunks, chunks.length + rows.length);
    System.arraycopy(rows, 0, all, chunks.length, rows.length);
    Table table = new Table(rows, chunks.length, upload(all, tensors.get(0).get(0).backend()));
    recent.addFirst(table);
    if (recent.size() > KEPT) {
      recent.removeLast();
    }
    return table;
  }

  private static long[] rows(List<List<Buffer>> tensors) {
    int count = tensors.get(0).size();
    long[] rows = new long[count * (1 + tensors.size())];
    int at = 0;
    for (int i = 0; i < count; i++) {
      rows[at++] = tensors.get(0).get(i).length();
      for (List<Buffer> list : tensors) {
        rows[at++] = list.isEmpty() ? 0 : CudaBuffer.of(list.get(i)).address();
      }
    }
    return rows;
  }

  private static long[] chunks(List<Buffer> parameters) {
    long[] chunks =
        new long[Math.toIntExact(parameters.stream().mapToLong(TensorTables::chunksOf).sum())];
    int at = 0;
    for (int i = 0; i < parameters.size(); i++) {
      for (long chunk = 0; chunk < chunksOf(parameters.get(i)); chunk++) {
        chunks[at++] = ((long) i << Integer.SIZE) + chunk;
      }
    }
    return chunks;
  }

  private static long chunksOf(Buffer buffer) {
    return (buffer.length() + CHUNK - 1) / CHUNK;
  }

  /** A buffer that no scope of the caller owns: it outlives the step. */
  private static Buffer upload(long[] values, Backend backend) {
    try (BufferScope scope = BufferScope.suspend()) {
      Buffer buffer = backend.allocate(DType.INT64, values.length);
      backend.upload(values, buffer);
      return buffer;
    }
  }
}
