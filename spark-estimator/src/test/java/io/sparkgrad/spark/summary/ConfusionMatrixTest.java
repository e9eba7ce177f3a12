// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  /** Of 8 of class 0 six were recognised, of 4 of class 1 one, and nothing is of class 2. */
  private final ConfusionMatrix matrix =
      new ConfusionMatrix(3, new double[] {6, 2, 0, 3, 1, 0, 0, 0, 0});

  @Test
  void sharesOfRowsAndColumns() {
    assertEquals(7.0 / 12, matrix.accuracy(), 1e-15);
    assertEquals(0.75, matrix.recall(0));
    assertEquals(0.25, matrix.recall(1));
    assertEquals(6.0 / 9, matrix.precision(0), 1e-15);
    assertEquals(1.0 / 3, matrix.precision(1), 1e-15);
    assertEquals(Double.NaN, matrix.recall(2));
    assertEquals(Double.NaN, matrix.precision(2));
  }

  @Test
  void aSizeThatIsNoSquareIsAnError() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new ConfusionMatrix(3, new double[] {1, 2}));
    assertEquals("confusion matrix: expected 3×3 weights, got 2", e.getMessage());
  }
}
