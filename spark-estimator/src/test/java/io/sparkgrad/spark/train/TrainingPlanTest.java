// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DeviceSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {
  @Test
  @DisplayName("a plan crosses to the executors with all its settings")
  void serialization() throws IOException, ClassNotFoundException {
    TrainingPlan plan =
        new TrainingPlan(
            new NetworkSettings("{}")
                .withFrozenLayers(List.of("conv*"))
                .withFrozenBatchNorm(false)
                .withCacheFrozenFeatures(NetworkSettings.FeatureCache.ON),
            Objective.of("crossEntropy")
                .withLabelSmoothing(0.1)
                .withClassWeights(List.of(1.0, 2.0)),
            OptimizerSettings.of("adamw", 0.01)
                .withLayerRates(List.of(new OptimizerSettings.LayerRate("head", 0.1)))
                .withGradients(new OptimizerSettings.Gradients(1, 0.5, 4)),
            ScheduleSettings.of("cosine"),
            new ValidationSettings(3, 1e-3, true),
            new TrainingPlan.Passes(32, 10, true, 7),
            DeviceSettings.AUTO,
            new FaultSettings(FaultSettings.NonFinite.SKIP, null, 120_000));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(plan);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertEquals(plan, in.readObject());
    }
  }

  @Test
  @DisplayName("an unknown name is refused with those that there are")
  void unknownNames() {
    assertEquals(
        "loss: expected one of crossEntropy, nll, mse, l1, smoothL1, huber, bceWithLogits, bce, kl, got 'hinge'.",
        assertThrows(InputException.class, () -> Objective.of("hinge")).getMessage());
    assertThrows(InputException.class, () -> OptimizerSettings.of("lbfgs", 1));
    assertThrows(InputException.class, () -> ScheduleSettings.of("linear"));
  }
}
