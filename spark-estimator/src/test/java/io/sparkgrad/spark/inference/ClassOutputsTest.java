// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.spark.data.InputException;
import java.util.List;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassOutputsTest {
  private static ClassOutputs outputs(double... thresholds) {
    return new ClassOutputs(
        3, "raw", "probability", "prediction", thresholds.length == 0 ? null : thresholds);
  }

  @Test
  @DisplayName("softmax: e⁰, e¹ and e² over their sum, whatever is added to all three")
  void probabilities() {
    double sum = 1 + Math.E + Math.E * Math.E;
    for (double shift : new double[] {0, 1000, -1000}) {
      Vector p = ClassOutputs.probability(Vectors.dense(shift, shift + 1, shift + 2));
      assertEquals(1 / sum, p.apply(0), 1e-15);
      assertEquals(Math.E * Math.E / sum, p.apply(2), 1e-15);
    }
  }

  @ParameterizedTest(name = "thresholds {0}, {1}, {2} choose {3}")
  @CsvSource({"1, 1, 1, 2", "0.01, 1, 1, 0", "1, 0, 1, 1", "0.3, 0.3, 0.9, 1"})
  void thresholds(double a, double b, double c, double expected) {
    Vector raw = Vectors.dense(0, Math.log(2), Math.log(3)); // probabilities 1/6, 2/6, 3/6
    assertEquals(expected, outputs(a, b, c).prediction(raw));
    assertEquals(expected, written(outputs(a, b, c), 0f, (float) Math.log(2), (float) Math.log(3)));
  }

  @Test
  void thresholdsMustFitTheClasses() {
    InputException e = assertThrows(InputException.class, () -> outputs(1, 2));
    assertEquals(
        "thresholds: expected one for each of the network's 3 classes, got 2.", e.getMessage());
  }

  @Test
  @DisplayName("of equal logits the first counts")
  void ties() {
    assertEquals(1, outputs().prediction(Vectors.dense(0, 2, 2)));
    assertEquals(1, written(outputs(), 0, 2, 2));
  }

  @Test
  @DisplayName("columns say how many classes there are")
  void metadata() {
    List<StructField> fields = outputs().fields();
    assertEquals(3, AttributeGroup.fromStructField(fields.get(0)).size());
    assertEquals(3, AttributeGroup.fromStructField(fields.get(1)).size());
    Attribute prediction = Attribute.fromStructField(fields.get(2));
    assertEquals(3, ((NominalAttribute) prediction).getNumValues().get());
  }

  @Test
  @DisplayName("an empty name leaves a column out")
  void switchedOff() {
    assertEquals(List.of(), new ClassOutputs(3, "", "", "", null).fields());
    ClassOutputs one = new ClassOutputs(3, "", "", "p", null);
    assertEquals(List.of("p"), one.fields().stream().map(StructField::name).toList());
    GenericInternalRow row = new GenericInternalRow(1);
    one.write(new float[] {9, 0, 0, 1}, 1, 4, row);
    assertEquals(2, row.getDouble(0));
  }

  private static double written(ClassOutputs outputs, float... logits) {
    GenericInternalRow row = new GenericInternalRow(3);
    outputs.write(logits, 0, logits.length, row);
    return row.getDouble(2);
  }
}
