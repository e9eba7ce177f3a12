// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.RecordStore;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.List;

/** Rows of float32 features in a store: weight and labels as float64, then the features. */
final class FeatureRecords implements AutoCloseable {
  private final RecordStore store;
  private final ByteBuffer record;
  private final int labels;
  private final int length;
  private final long[] shape;
  private final BitSet present = new BitSet();
  private int size;

  /**
   * An empty store.
   *
   * @param first a batch as the others, but for its number of rows
   * @param store for records of {@link #bytes}
   */
  FeatureRecords(Batch first, RecordStore store) {
    this.store = store;
    this.record = ByteBuffer.allocate(store.recordBytes()).order(ByteOrder.LITTLE_ENDIAN);
    this.labels = first.labels().length / first.size();
    Tensor features = first.inputs().get(0);
    this.length = Math.toIntExact(features.numel() / first.size());
    this.shape = features.shape().dims();
  }

  /** The size of a record of such rows. */
  static int bytes(Batch batch) {
    long features = batch.inputs().get(0).numel() / batch.size();
    long numbers = 1L + batch.labels().length / batch.size();
    return Math.toIntExact(numbers * Double.BYTES + features * Float.BYTES);
  }

  /**
   * Takes the rows {@code order[from]…} of a batch; one that has come before is passed over, since
   * a batch that is computed again puts out the same.
   */
  void put(int[] order, int from, Batch batch) {
    float[] features = batch.inputs().get(0).toFloatArray();
    for (int i = 0; i < batch.size(); i++) {
      if (present.get(order[from + i])) {
        continue;
      }
      record.clear().putDouble(batch.weights()[i]);
      for (int j = i * labels; j < (i + 1) * labels; j++) {
        record.putDouble(batch.labels()[j]);
      }
      record.asFloatBuffer().put(features, i * length, length);
      store.put(order[from + i], record.rewind());
      present.set(order[from + i]);
      size++;
    }
  }

  /** How many rows have come. */
  int size() {
    return size;
  }

  /** The rows {@code order[from]…order[to-1]}, all of which have come. */
  Batch batch(int[] order, int from, int to) {
    int n = to - from;
    float[] features = new float[n * length];
    double[] ofRows = new double[n * labels];
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      store.get(order[from + i], record.clear());
      record.flip();
      weights[i] = record.getDouble();
      for (int j = i * labels; j < (i + 1) * labels; j++) {
        ofRows[j] = record.getDouble();
      }
      record.asFloatBuffer().get(features, i * length, length);
    }
    long[] batchShape = shape.clone();
    batchShape[0] = n;
    return new Batch(List.of(Tensor.of(features, batchShape)), ofRows, weights);
  }

  @Override
  public void close() {
    store.close();
  }
}
