// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.summary.ConfusionMatrix;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * As Spark's {@code MulticlassMetrics}: {@code accuracy}, and of up to {@value #MOST_CLASSES}
 * classes {@code f1}, the mean of the classes' F-measures by their weights. Of several labels in a
 * row that are each true or false, as Spark's {@code MultilabelMetrics}: {@code subsetAccuracy},
 * the part of the rows with all labels right, and {@code hammingLoss}, the part of the labels that
 * are wrong.
 */
final class ClassificationSums implements MetricSums {
  private static final int MOST_CLASSES = 100;

  private final boolean binary;
  private final double threshold;

  /** Weight, weight of what is right; then the confusion matrix, or the weight of right labels. */
  private double[] sums = new double[0];

  /**
   * Without rows yet.
   *
   * @param binary whether each number says for itself how much a label holds; else the largest of a
   *     distribution gives the class
   * @param threshold above which a label holds
   */
  ClassificationSums(boolean binary, double threshold) {
    this.binary = binary;
    this.threshold = threshold;
  }

  @Override
  public void add(float[] outputs, int classes, Batch batch) {
    if (!binary) {
      addDistributions(outputs, classes, batch);
    } else if (outputs.length > batch.size()) {
      addLabels(outputs, batch);
    } else {
      addBinary(outputs, batch);
    }
  }

  /**
   * Outputs {@code [rows, classes, positions]}; labels {@code [rows, positions]}, or as outputs.
   */
  private void addDistributions(float[] outputs, int classes, Batch batch) {
    int positions = outputs.length / batch.size() / classes;
    boolean probabilities = batch.labels().length > batch.size() * positions;
    allocate(classes);
    for (int row = 0; row < batch.size(); row++) {
      for (int p = 0; p < positions; p++) {
        int from = row * classes * positions + p;
        int predicted = from;
        int actual = from;
        for (int i = from; i < from + classes * positions; i += positions) {
          predicted = outputs[i] > outputs[predicted] ? i : predicted;
          actual = probabilities && batch.labels()[i] > batch.labels()[actual] ? i : actual;
        }
        count(
            probabilities ? (actual - from) / positions : (int) batch.labels()[row * positions + p],
            (predicted - from) / positions,
            classes,
            batch.weights()[row] / positions);
      }
    }
  }

  private void addBinary(float[] outputs, Batch batch) {
    allocate(2);
    for (int i = 0; i < outputs.length; i++) {
      count(batch.labels()[i] > 0.5 ? 1 : 0, outputs[i] > threshold ? 1 : 0, 2, batch.weights()[i]);
    }
  }

  private void allocate(int classes) {
    if (sums.length == 0) {
      sums = new double[2 + (classes <= MOST_CLASSES ? classes * classes : 0)];
    }
  }

  private void count(int actual, int predicted, int classes, double weight) {
    sums[0] += weight;
    sums[1] += actual == predicted ? weight : 0;
    if (sums.length > 2) {
      sums[2 + actual * classes + predicted] += weight;
    }
  }

  private void addLabels(float[] outputs, Batch batch) {
    if (sums.length == 0) {
      sums = new double[3];
    }
    int width = outputs.length / batch.size();
    for (int row = 0; row < batch.size(); row++) {
      int right = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        right += outputs[i] > threshold == batch.labels()[i] > 0.5 ? 1 : 0;
      }
      double weight = batch.weights()[row];
      sums[0] += weight;
      sums[1] += right == width ? weight : 0;
      sums[2] += weight * right / width;
    }
  }

  @Override
  public double[] sums() {
    return sums;
  }

  @Override
  public void resume(double[] saved) {
    sums = saved;
  }

  @Override
  public Map<String, Double> metrics(double[] s) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (isMultiLabel(s)) {
      metrics.put("subsetAccuracy", s[1] / s[0]);
      metrics.put("hammingLoss", 1 - s[2] / s[0]);
      return metrics;
    }
    metrics.put("accuracy", s[1] / s[0]);
    ConfusionMatrix confusion = confusion(s);
    if (confusion != null) {
      metrics.put("f1", f1(confusion));
    }
    return metrics;
  }

  /** As the sums of other ranks say: this one may have had no rows. */
  private boolean isMultiLabel(double[] s) {
    return binary && s.length == 3;
  }

  private static double f1(ConfusionMatrix confusion) {
    double sum = 0;
    double total = 0;
    for (int c = 0; c < confusion.classes(); c++) {
      double actual = confusion.actual(c);
      double both = actual + confusion.predicted(c);
      sum += both == 0 ? 0 : actual * 2 * confusion.weight(c, c) / both;
      total += actual;
    }
    return sum / total;
  }

  @Override
  public @Nullable ConfusionMatrix confusion(double[] s) {
    if (isMultiLabel(s) || s.length <= 2) {
      return null;
    }
    int classes = (int) Math.round(Math.sqrt(s.length - 2.0));
    return new ConfusionMatrix(classes, Arrays.copyOfRange(s, 2, s.length));
  }
}
