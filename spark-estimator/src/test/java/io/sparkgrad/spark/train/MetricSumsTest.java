// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.summary.ConfusionMatrix;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MetricSumsTest {
  private static Batch batch(double[] labels, double... weights) {
    return new Batch(List.of(), labels, weights);
  }

  @Test
  @DisplayName("accuracy and f1 weigh rows, and the confusion matrix holds their weights")
  void classification() {
    MetricSums sums = MetricSums.of(Objective.of("crossEntropy"));
    float[] first = {3, 1, 2, /* right */ 0, 5, 9 /* 2 in place of 1 */};
    sums.add(first, 3, batch(new double[] {0, 1}, 2, 1));
    sums.add(new float[] {0, 0, 1}, 3, batch(new double[] {2}, 4));
    Map<String, Double> metrics = sums.metrics(sums.sums());
    assertEquals(6.0 / 7, metrics.get("accuracy"), 1e-12);
    // F-measures by hand: class 0: 1, class 1: 0, class 2: 2·4/(4 + 5).
    assertEquals((2 * 1 + 4 * 8.0 / 9) / 7, metrics.get("f1"), 1e-12);
    ConfusionMatrix confusion = sums.confusion(sums.sums());
    assertNotNull(confusion);
    assertEquals(1, confusion.weight(1, 2));
    assertEquals(6.0 / 7, confusion.accuracy(), 1e-12);
  }

  @Test
  @DisplayName("of more than 100 classes there is the accuracy alone")
  void manyClasses() {
    MetricSums sums = MetricSums.of(Objective.of("crossEntropy"));
    sums.add(new float[101], 101, batch(new double[] {0}, 1));
    assertEquals(Map.of("accuracy", 1.0), sums.metrics(sums.sums()));
    assertNull(sums.confusion(sums.sums()));
  }

  @Test
  @DisplayName("classes of several positions of a row share its weight")
  void positions() {
    MetricSums sums = MetricSums.of(Objective.of("crossEntropy"));
    float[] outputs = {1, 0, /* class 0 at both positions, then class 1: */ 0, 2};
    sums.add(outputs, 2, batch(new double[] {0, 0}, 1));
    assertEquals(0.5, sums.metrics(sums.sums()).get("accuracy"), 1e-12);
  }

  @Test
  @DisplayName("probabilities as labels mean their largest")
  void probabilities() {
    MetricSums sums = MetricSums.of(Objective.of("crossEntropy"));
    sums.add(new float[] {1, 2, 4, 3}, 2, batch(new double[] {0.1, 0.9, 0.2, 0.8}, 1, 1));
    assertEquals(0.5, sums.metrics(sums.sums()).get("accuracy"), 1e-12);
  }

  @Test
  @DisplayName(
      "a label that is true or false has an accuracy, several have Spark's multi-label metrics")
  void binary() {
    MetricSums one = MetricSums.of(Objective.of("bceWithLogits"));
    one.add(new float[] {-1, 1, 0.4f}, 1, batch(new double[] {0, 1, 0}, 1, 1, 1));
    assertEquals(2.0 / 3, one.metrics(one.sums()).get("accuracy"), 1e-12);
    MetricSums probabilities = MetricSums.of(Objective.of("bce"));
    probabilities.add(new float[] {0.4f}, 1, batch(new double[] {0}, 1));
    assertEquals(1, probabilities.metrics(probabilities.sums()).get("accuracy"), 1e-12);
    MetricSums two = MetricSums.of(Objective.of("bceWithLogits"));
    two.add(new float[] {1, -1, 1, 1}, 2, batch(new double[] {1, 0, 1, 0}, 1, 3));
    assertEquals(Map.of("subsetAccuracy", 0.25, "hammingLoss", 3.0 / 8), two.metrics(two.sums()));
    assertNull(two.confusion(two.sums()));
  }

  @Test
  @DisplayName("rmse, mae and r2 weigh rows")
  void regression() {
    MetricSums sums = MetricSums.of(Objective.of("huber"));
    sums.add(new float[] {1, 2}, 1, batch(new double[] {1, 4}, 3, 1));
    sums.add(new float[] {5}, 1, batch(new double[] {4}, 1));
    Map<String, Double> metrics = sums.metrics(sums.sums());
    assertEquals(Math.sqrt((4 + 1) / 5.0), metrics.get("rmse"), 1e-12);
    assertEquals(3 / 5.0, metrics.get("mae"), 1e-12);
    double mean = (3 * 1 + 4 + 4) / 5.0;
    double spread = 3 * (1 - mean) * (1 - mean) + 2 * (4 - mean) * (4 - mean);
    assertEquals(1 - 5 / spread, metrics.get("r2"), 1e-12);
  }
}
