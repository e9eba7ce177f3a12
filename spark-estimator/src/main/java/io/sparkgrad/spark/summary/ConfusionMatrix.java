// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How much weight of each actual class a network took for which class. Immutable. Where rows have
 * no weights it counts rows.
 */
public final class ConfusionMatrix implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int classes;
  private final double[] weights;

  /**
   * Of sums over rows.
   *
   * @param weights {@code classes × classes} in row-major order: row = actual, column = predicted
   */
  public ConfusionMatrix(int classes, double[] weights) {
    if (classes < 1 || weights.length != (long) classes * classes) {
      throw new IllegalArgumentException(
          "confusion matrix: expected %d×%d weights, got %d"
              .formatted(classes, classes, weights.length));
    }
    this.classes = classes;
    this.weights = weights.clone();
  }

  public int classes() {
    return classes;
  }

  /** The weight of the rows of class {@code actual} that were taken for {@code predicted}. */
  public double weight(int actual, int predicted) {
    return weights[actual * classes + predicted];
  }

  /** The weight of all rows of a class. */
  public double actual(int label) {
    return IntStream.range(0, classes).mapToDouble(p -> weight(label, p)).sum();
  }

  /** The weight of all rows that were taken for a class. */
  public double predicted(int label) {
    return IntStream.range(0, classes).mapToDouble(a -> weight(a, label)).sum();
  }

  /** The share of the weight on the diagonal; NaN where there are no rows. */
  public double accuracy() {
    double right = IntStream.range(0, classes).mapToDouble(c -> weight(c, c)).sum();
    return right / Arrays.stream(weights).sum();
  }

  /** The share of a class's weight that was recognised; NaN where it has no rows. */
  public double recall(int label) {
    return weight(label, label) / actual(label);
  }

  /** The share of what was taken for a class that belongs to it; NaN where nothing was. */
  public double precision(int label) {
    return weight(label, label) / predicted(label);
  }

  /** As JSON holds it: the cells that are not zero, for of a thousand classes most are. */
  record Cells(int classes, int[] actual, int[] predicted, double[] weights) {}

  @JsonValue
  Cells cells() {
    int[] filled = IntStream.range(0, weights.length).filter(i -> weights[i] != 0).toArray();
    return new Cells(
        classes,
        Arrays.stream(filled).map(i -> i / classes).toArray(),
        Arrays.stream(filled).map(i -> i % classes).toArray(),
        Arrays.stream(filled).mapToDouble(i -> weights[i]).toArray());
  }

  @JsonCreator
  static ConfusionMatrix of(Cells cells) {
    double[] weights = new double[Math.multiplyExact(cells.classes, cells.classes)];
    for (int i = 0; i < cells.weights.length; i++) {
      weights[cells.actual[i] * cells.classes + cells.predicted[i]] = cells.weights[i];
    }
    return new ConfusionMatrix(cells.classes, weights);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ConfusionMatrix m && Arrays.equals(weights, m.weights);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(weights);
  }

  @Override
  public String toString() {
    return "ConfusionMatrix of %d classes".formatted(classes);
  }
}
