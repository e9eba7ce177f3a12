// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.loss.BCEWithLogitsLoss;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.CrossEntropyOptions;
import io.sparkgrad.nn.loss.HuberLoss;
import io.sparkgrad.nn.loss.KLDivLoss;
import io.sparkgrad.nn.loss.L1Loss;
import io.sparkgrad.nn.loss.Loss;
import io.sparkgrad.nn.loss.MseLoss;
import io.sparkgrad.nn.loss.NLLLoss;
import io.sparkgrad.nn.loss.Reduction;
import io.sparkgrad.nn.loss.SmoothL1Loss;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Sum over weight is the mean that the losses of the core give. */
class RowLossTest {
  private static final int ROWS = 6;
  private static final List<Double> CLASS_WEIGHTS = List.of(0.5, 2.0, 1.0);

  private static Tensor random(long... shape) {
    return Tensor.randn(new Generator(3), shape);
  }

  private static Batch batch(double... labels) {
    double[] weights = new double[ROWS];
    Arrays.fill(weights, 1);
    return new Batch(List.of(), labels, weights);
  }

  private static double mean(Objective objective, Tensor output, Batch batch) {
    RowLoss.Sum sum = new RowLoss(objective).of(output, batch);
    return sum.sum().item() / sum.weight();
  }

  @TestFactory
  @DisplayName("with values as labels")
  Stream<DynamicTest> values() {
    return Stream.of(
            new Case("mse", new MseLoss()),
            new Case("l1", new L1Loss()),
            new Case("smoothL1", new SmoothL1Loss(0.3, Reduction.MEAN)),
            new Case("huber", new HuberLoss(0.3, Reduction.MEAN)),
            new Case("bceWithLogits", new BCEWithLogitsLoss()),
            new Case("kl", new KLDivLoss()))
        .map(c -> DynamicTest.dynamicTest(c.name, c::check));
  }

  private record Case(String name, Loss loss) {
    void check() {
      Tensor output = random(ROWS, 2);
      double[] labels = labels();
      float[] target = new float[labels.length];
      for (int i = 0; i < target.length; i++) {
        target[i] = (float) labels[i];
      }
      assertEquals(
          loss.forward(output, Tensor.of(target, ROWS, 2)).item(),
          mean(Objective.of(name).withThreshold(0.3), output, batch(labels)),
          1e-6);
    }

    private static double[] labels() {
      double[] labels = new double[ROWS * 2];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = i % 4 * 0.25;
      }
      return labels;
    }
  }

  @Test
  @DisplayName("with class numbers, smoothing and class weights")
  void classes() {
    Tensor output = random(ROWS, 3);
    Tensor target = Tensor.of(new long[] {0, 1, 2, 2, 1, 1}, ROWS);
    Tensor weights = Tensor.of(new float[] {0.5f, 2, 1});
    double expected =
        new CrossEntropyLoss(
                CrossEntropyOptions.DEFAULT.withWeight(weights).withLabelSmoothing(0.1))
            .forward(output, target)
            .item();
    Objective objective =
        Objective.of("crossEntropy").withClassWeights(CLASS_WEIGHTS).withLabelSmoothing(0.1);
    assertEquals(expected, mean(objective, output, batch(0, 1, 2, 2, 1, 1)), 1e-6);
    assertEquals(
        new NLLLoss(weights, -100, Reduction.MEAN).forward(output, target).item(),
        mean(Objective.of("nll").withClassWeights(CLASS_WEIGHTS), output, batch(0, 1, 2, 2, 1, 1)),
        1e-6);
  }

  @Test
  @DisplayName("with probabilities of classes")
  void probabilities() {
    Tensor output = random(ROWS, 2);
    float[] target = {0.5f, 0.5f, 1, 0, 0, 1, 0.2f, 0.8f, 1, 0, 0.25f, 0.75f};
    double[] labels = new double[target.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = target[i];
    }
    assertEquals(
        new CrossEntropyLoss().forward(output, Tensor.of(target, ROWS, 2)).item(),
        mean(Objective.of("crossEntropy"), output, batch(labels)),
        1e-6);
  }

  @Test
  @DisplayName("with a class number for each position of a row")
  void positions() {
    Tensor output = random(ROWS, 3, 2);
    long[] target = {0, 1, 2, 2, 1, 1, 0, 0, 1, 2, 2, 0};
    double[] labels = Arrays.stream(target).asDoubleStream().toArray();
    Tensor weights = Tensor.of(new float[] {0.5f, 2, 1});
    assertEquals(
        new CrossEntropyLoss(CrossEntropyOptions.DEFAULT.withWeight(weights))
            .forward(output, Tensor.of(target, ROWS, 2))
            .item(),
        mean(Objective.of("crossEntropy").withClassWeights(CLASS_WEIGHTS), output, batch(labels)),
        1e-6);
  }

  @Test
  @DisplayName("outputs [n, 1] and [n] take a number as label")
  void oneNumber() {
    Tensor output = random(ROWS, 1);
    double[] labels = {1, 2, 3, 4, 5, 6};
    double expected = mean(Objective.of("mse"), output.reshape(ROWS), batch(labels));
    assertEquals(expected, mean(Objective.of("mse"), output, batch(labels)), 0);
    float[] y = {1, 2, 3, 4, 5, 6};
    assertEquals(new MseLoss().forward(output, Tensor.of(y, ROWS, 1)).item(), expected, 1e-5);
  }

  @Test
  @DisplayName("rows count by their weights, class weights by the targets' as well")
  void rowWeights() {
    Tensor output = random(2, 3);
    Batch both = new Batch(List.of(), new double[] {0, 1}, new double[] {3, 1});
    double first = losses(output.narrow(0, 0, 1), 0);
    double second = losses(output.narrow(0, 1, 1), 1);
    assertEquals((3 * first + second) / 4, mean(Objective.of("crossEntropy"), output, both), 1e-6);
    Objective weighted = Objective.of("crossEntropy").withClassWeights(CLASS_WEIGHTS);
    assertEquals(
        (3 * 0.5 * first + 2 * second) / (3 * 0.5 + 2), mean(weighted, output, both), 1e-6);
  }

  private static double losses(Tensor output, long label) {
    return new CrossEntropyLoss().forward(output, Tensor.of(new long[] {label}, 1)).item();
  }

  @Test
  @DisplayName("labels that do not go with the output are refused, naming both")
  void wrongLabels() {
    assertEquals(
        "labelCol: the loss mse and what the network puts out ask for 2 number(s) in each row, got 1.",
        assertThrows(
                InputException.class,
                () -> new RowLoss(Objective.of("mse")).of(random(ROWS, 2), batch(new double[ROWS])))
            .getMessage());
    assertEquals(
        "labelCol: the loss crossEntropy and what the network puts out ask for 1 class number(s) or 3 probabilities in each row, got 2.",
        assertThrows(
                InputException.class,
                () ->
                    new RowLoss(Objective.of("crossEntropy"))
                        .of(random(ROWS, 3), batch(new double[ROWS * 2])))
            .getMessage());
    assertThrows(
        InputException.class,
        () -> new RowLoss(Objective.of("crossEntropy")).of(random(ROWS), batch(new double[ROWS])));
  }
}
