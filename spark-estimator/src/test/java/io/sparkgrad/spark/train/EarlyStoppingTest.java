// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
  private static EarlyStopping after(int patience, double minDelta, double... losses) {
    EarlyStopping stopping = new EarlyStopping(new ValidationSettings(patience, minDelta, false));
    for (double loss : losses) {
      assertNull(stopping.reasonToStop());
      stopping.isBest(loss);
    }
    return stopping;
  }

  @Test
  @DisplayName("stops after as many epochs without a lower loss as it has patience")
  void patience() {
    EarlyStopping stopping = after(2, 0, 5, 4, 4.5, 3, 3.5, 3);
    assertEquals(
        "stopped after epoch 6: for 2 epochs the validation loss was not below 3.00000 of epoch 4",
        stopping.reasonToStop());
    assertEquals(4, stopping.bestEpoch());
  }

  @Test
  @DisplayName("a loss that is lower by less than minDelta does not count, but may be the best")
  void minDelta() {
    EarlyStopping stopping = after(2, 0.1, 5, 4.95, 4.91);
    assertEquals(
        "stopped after epoch 3: for 2 epochs the validation loss was not by more than 0.1 below 5.00000 of epoch 1",
        stopping.reasonToStop());
    assertEquals(3, stopping.bestEpoch());
    assertNull(after(2, 0.1, 5, 4.95, 4.89).reasonToStop());
  }

  @Test
  @DisplayName("without patience it never stops")
  void off() {
    assertNull(after(0, 0, 1, 2, 3, 4).reasonToStop());
  }

  @Test
  @DisplayName("a loss that is not a number is the best only while there is no other")
  void notANumber() {
    EarlyStopping stopping = new EarlyStopping(new ValidationSettings(3, 0, false));
    assertTrue(stopping.isBest(Double.NaN));
    assertTrue(stopping.isBest(7));
    assertFalse(stopping.isBest(Double.NaN));
    assertEquals(2, stopping.bestEpoch());
  }
}
