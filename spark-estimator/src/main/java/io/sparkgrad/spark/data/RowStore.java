// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** A worker's rows for all epochs, in memory, in the order they came. */
public final class RowStore {
  private final List<byte[]> rows = new ArrayList<>();
  private final Optional<String> rejection;

  /** Takes the rows, up to the first that cannot be used. */
  public RowStore(Iterator<byte[]> source) {
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

  public int size() {
    return rows.size();
  }

  /** The rows at {@code order[from]…order[to-1]} as one batch. */
  public Batch batch(int[] order, int from, int to, int rowLength) {
    int n = to - from;
    float[] features = new float[Math.multiplyExact(n, rowLength)];
    double[] labels = new double[n];
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      byte[] row = rows.get(order[from + i]);
      TrainingRow.features(row, features, i * rowLength);
      labels[i] = TrainingRow.label(row);
      weights[i] = TrainingRow.weight(row);
    }
    return new Batch(features, labels, weights);
  }

  /** Some rows: features one after the other, a label and a weight each. */
  public record Batch(float[] features, double[] labels, double[] weights) {
    public int size() {
      return labels.length;
    }
  }
}
