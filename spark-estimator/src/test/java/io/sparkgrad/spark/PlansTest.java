// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.spark.train.Objective;
import io.sparkgrad.spark.train.TrainingPlan;
import org.junit.jupiter.api.Test;

class PlansTest {
  private static TrainingPlan plan(AutogradClassifier classifier) {
    return Plans.of(classifier, Objective.of("crossEntropy"), null);
  }

  @Test
  void theSizeOfGradientBucketsIsInMegabytes() {
    assertEquals(4 << 20, plan(Toys.classifier()).optimizer().gradients().bucketBytes());
    TrainingPlan half = plan(Toys.classifier().setGradientBucketSizeInMB(0.5));
    assertEquals(512 << 10, half.optimizer().gradients().bucketBytes());
  }
}
