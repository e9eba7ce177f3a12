// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** A worker's rows for all epochs, in memory, in the order they came. */
public final class RowStore implements Rows {
  private final List<byte[]> rows = new ArrayList<>();
  private final List<Long> shape;
  private final Optional<String> rejection;

  /**
   * Takes the rows, up to the first that cannot be used.
   *
   * @param shape of one row's features
   */
  public RowStore(Iterator<byte[]> source, List<Long> shape) {
    this.shape = List.copyOf(shape);
    Optional<String> rejected = Optional.empty();
    while (rejected.isEmpty() && source.hasNext()) {
      byte[] row = source.next();
      rejected = TrainingRow.rejection(row);
      rows.add(row);
    }
    rejection = rejected;
  }

  /** Why one of the rows cannot be used, in a sentence; empty if all can. */
  public Optional<String> rejection() {
    return rejection;
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public Batch batch(int[] order, int from, int to) {
    int n = to - from;
    int rowLength = Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b));
    float[] features = new float[Math.multiplyExact(n, rowLength)];
    double[] labels = new double[n];
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      byte[] row = rows.get(order[from + i]);
      TrainingRow.features(row, features, i * rowLength);
      labels[i] = TrainingRow.label(row);
      weights[i] = TrainingRow.weight(row);
    }
    long[] batchShape =
        LongStream.concat(LongStream.of(n), shape.stream().mapToLong(d -> d)).toArray();
    return new Batch(List.of(Tensor.of(features, batchShape)), labels, weights);
  }
}
