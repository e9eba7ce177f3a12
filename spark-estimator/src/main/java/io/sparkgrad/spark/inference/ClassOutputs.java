// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.spark.data.InputException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.jspecify.annotations.Nullable;

/**
 * A classifier's columns, in Spark's order and with Spark's meanings: the raw prediction is what
 * the network puts out (logits), the probability its softmax, the prediction the class with the
 * largest raw prediction or, with thresholds, with the largest {@code probability / threshold}.
 */
public final class ClassOutputs implements Outputs {
  private static final long serialVersionUID = 1L;

  private final int classes;
  private final String rawCol;
  private final String probabilityCol;
  private final String predictionCol;
  private final double @Nullable [] thresholds;

  /**
   * Empty names switch columns off.
   *
   * @param thresholds one per class, none negative; null for none
   * @throws InputException if they are not as many as the classes
   */
  public ClassOutputs(
      int classes,
      String rawCol,
      String probabilityCol,
      String predictionCol,
      double @Nullable [] thresholds) {
    if (thresholds != null && thresholds.length != classes) {
      throw new InputException(
          "thresholds: expected one for each of the network's %d classes, got %d."
              .formatted(classes, thresholds.length));
    }
    this.classes = classes;
    this.rawCol = rawCol;
    this.probabilityCol = probabilityCol;
    this.predictionCol = predictionCol;
    this.thresholds = thresholds == null ? null : thresholds.clone();
  }

  @Override
  public List<StructField> fields() {
    List<StructField> fields = new ArrayList<>(3);
    if (!rawCol.isEmpty()) {
      fields.add(new AttributeGroup(rawCol, classes).toStructField());
    }
    if (!probabilityCol.isEmpty()) {
      fields.add(new AttributeGroup(probabilityCol, classes).toStructField());
    }
    if (!predictionCol.isEmpty()) {
      fields.add(
          NominalAttribute.defaultAttr()
              .withName(predictionCol)
              .withNumValues(classes)
              .toStructField());
    }
    return fields;
  }

  @Override
  public void write(float[] values, int from, int to, InternalRow row) {
    Vector raw = VectorOutputs.vector(values, from, to);
    boolean byThresholds = !predictionCol.isEmpty() && thresholds != null;
    Vector probability = probabilityCol.isEmpty() && !byThresholds ? null : probability(raw);
    int field = 0;
    if (!rawCol.isEmpty()) {
      row.update(field++, VectorOutputs.serialized(raw));
    }
    if (!probabilityCol.isEmpty() && probability != null) {
      row.update(field++, VectorOutputs.serialized(probability));
    }
    if (!predictionCol.isEmpty()) {
      row.setDouble(
          field, byThresholds && probability != null ? chosen(probability) : raw.argmax());
    }
  }

  /** {@code eˣ / Σ eˣ}, shifted by the maximum so that nothing overflows. */
  public static Vector probability(Vector raw) {
    double[] p = raw.toArray().clone();
    double max = Double.NEGATIVE_INFINITY;
    for (double x : p) {
      max = Math.max(max, x);
    }
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(p[i] - max);
      sum += p[i];
    }
    for (int i = 0; i < p.length; i++) {
      p[i] /= sum;
    }
    return Vectors.dense(p);
  }

  /** The predicted class. */
  public double prediction(Vector raw) {
    return thresholds == null ? raw.argmax() : chosen(probability(raw));
  }

  /** A threshold of 0 is never too high, as in Spark. */
  private int chosen(Vector probability) {
    double[] scaled = probability.toArray().clone();
    double[] t = thresholds;
    for (int i = 0; t != null && i < scaled.length; i++) {
      scaled[i] = t[i] == 0 ? Double.POSITIVE_INFINITY : scaled[i] / t[i];
    }
    return Vectors.dense(scaled).argmax();
  }
}
