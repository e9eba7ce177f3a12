// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import io.sparkgrad.autograd.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * Rows in a {@link RecordStore}: in memory as far as it goes, the others on disk, all of them at
 * hand in any order. So an epoch takes them in an order that is drawn uniformly from all orders,
 * however many are on disk, and gives the same bits as if all were in memory; within a batch they
 * are read in the order in which they lie.
 */
public final class StoredRows implements Rows, AutoCloseable {
  private final RowSpec spec;
  private final RecordStore store;
  private final RowOrder order = new RowOrder();
  private final ByteBuffer record;

  /** Inputs that no batch needs any more; those of the same size are filled again. */
  private final Queue<List<InputBatch>> idle = new ConcurrentLinkedQueue<>();

  StoredRows(RowSpec spec, RecordStores stores) {
    this.spec = spec;
    this.store = stores.open(spec.bytes());
    this.record = ByteBuffer.allocate(spec.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds a row. */
  void append(EncodedRow row) {
    store.put(order.size(), row.record());
    order.append(row.place());
  }

  /** Ends adding. */
  void seal() {
    order.seal();
  }

  @Override
  public int size() {
    return order.size();
  }

  /** Whether some rows are on disk. */
  public boolean spilled() {
    return store.spilled();
  }

  @Override
  public Batch batch(int[] indices, int from, int to) {
    return read(indices, from, to).get();
  }

  @Override
  public Supplier<Batch> read(int[] indices, int from, int to) {
    int rows = to - from;
    int labelLength = spec.label().length();
    double[] labels = new double[rows * labelLength];
    double[] weights = new double[rows];
    List<InputBatch> inputs = inputs(rows);
    for (long place : bySlot(indices, from, to)) {
      int row = (int) place;
      store.get((int) (place >>> Integer.SIZE), record.clear());
      record.flip();
      weights[row] = record.getDouble();
      for (int i = 0; i < labelLength; i++) {
        labels[row * labelLength + i] = record.getDouble();
      }
      for (InputBatch input : inputs) {
        input.set(row, record);
      }
    }
    return () -> {
      Batch batch = new Batch(inputs.stream().map(InputBatch::tensor).toList(), labels, weights);
      idle.add(inputs); // the tensors hold copies
      return batch;
    };
  }

  private List<InputBatch> inputs(int rows) {
    List<InputBatch> used = idle.poll();
    return used != null && used.get(0).rows() == rows
        ? used
        : spec.inputs().stream().map(input -> new InputBatch(input, rows)).toList();
  }

  @Override
  public List<Tensor> zeros() {
    return spec.inputs().stream().map(input -> new InputBatch(input, 1).tensor()).toList();
  }

  /** Slots in ascending order, in the upper half, and the row of the batch that each is for. */
  private long[] bySlot(int[] indices, int from, int to) {
    long[] places = new long[to - from];
    for (int row = 0; row < places.length; row++) {
      places[row] = ((long) order.slot(indices[from + row]) << Integer.SIZE) | row;
    }
    Arrays.sort(places);
    return places;
  }

  @Override
  public void close() {
    store.close();
  }
}
