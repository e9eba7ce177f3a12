// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.spark.data.InputException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Three epochs of four steps, from a rate of 1; numbers by hand from PyTorch's formulas. */
class LearningRatesTest {
  private static final int EPOCHS = 3;
  private static final int STEPS = 4;

  private static Optimizer<?> sgd() {
    return new SGD(List.of(new Parameter(Tensor.ones(1))), SGD.Options.DEFAULT.withLr(1));
  }

  /** The rate of each step; the loss after each epoch is the same. */
  private static double[] rates(ScheduleSettings settings) {
    return rates(settings, sgd());
  }

  private static double[] rates(ScheduleSettings settings, Optimizer<?> optimizer) {
    LearningRates rates = new LearningRates(settings, optimizer, STEPS, EPOCHS);
    double[] seen = new double[EPOCHS * STEPS];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = rates.first();
      optimizer.step();
      rates.afterStep();
      if (i % STEPS == STEPS - 1) {
        rates.afterEpoch(1);
      }
    }
    return seen;
  }

  private static ScheduleSettings settings(
      String name, int warmup, int stepSize, List<Integer> milestones, double gamma, int patience) {
    return new ScheduleSettings(name, warmup, stepSize, milestones, gamma, 0, 1, 1, patience);
  }

  @Test
  @DisplayName("step, multiStep, exponential and reduceOnPlateau change between epochs")
  void perEpoch() {
    double[] halved = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25};
    double[] late = {1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5};
    assertArrayEquals(halved, rates(settings("step", 0, 1, List.of(), 0.5, 0)), 1e-12);
    assertArrayEquals(halved, rates(settings("exponential", 0, 1, List.of(), 0.5, 0)), 1e-12);
    assertArrayEquals(late, rates(settings("step", 0, 2, List.of(), 0.5, 0)), 1e-12);
    assertArrayEquals(late, rates(settings("multiStep", 0, 1, List.of(2), 0.5, 0)), 1e-12);
    assertArrayEquals(late, rates(settings("reduceOnPlateau", 0, 1, List.of(), 0.5, 0)), 1e-12);
  }

  @Test
  @DisplayName("cosine and polynomial fall with each step over the whole fit")
  void perStep() {
    double[] cosine = rates(ScheduleSettings.of("cosine"));
    double[] polynomial = rates(ScheduleSettings.of("polynomial"));
    for (int i = 0; i < 12; i++) {
      assertEquals((1 + Math.cos(Math.PI * i / 12)) / 2, cosine[i], 1e-12, "cosine " + i);
      assertEquals(1 - i / 12.0, polynomial[i], 1e-12, "polynomial " + i);
    }
  }

  @Test
  @DisplayName("cosineWarmRestarts falls with each step, over periods of epochs")
  void restarts() {
    double[] rates = rates(settings("cosineWarmRestarts", 0, 1, List.of(), 1, 0));
    for (int i = 0; i < 12; i++) {
      assertEquals((1 + Math.cos(Math.PI * (i % 4) / 4)) / 2, rates[i], 1e-12, "step " + i);
    }
  }

  @Test
  @DisplayName("oneCycle rises from max/25 to the learning rate and falls to nearly 0")
  void oneCycle() {
    double[] rates = rates(ScheduleSettings.of("oneCycle"));
    double peak = 0.3 * 12 - 1;
    assertEquals(1 / 25.0, rates[0], 1e-12);
    assertEquals(1 / 25.0 + (1 - 1 / 25.0) * (1 - Math.cos(Math.PI / peak)) / 2, rates[1], 1e-12);
    assertEquals(1 / 25.0 / 1e4, rates[11], 1e-12);
  }

  @Test
  @DisplayName("oneCycle keeps the proportions of layers with rates of their own")
  void oneCycleOfGroups() {
    List<ParamGroup.Spec<Adam.Options>> groups =
        List.of(
            ParamGroup.of(List.of(new Parameter(Tensor.ones(1)))),
            ParamGroup.of(List.of(new Parameter(Tensor.ones(1))), o -> o.withLr(0.1)));
    Optimizer<?> adam = new Adam(Adam.Options.DEFAULT.withLr(1), groups);
    LearningRates rates = new LearningRates(ScheduleSettings.of("oneCycle"), adam, STEPS, EPOCHS);
    for (int i = 0; i < 12; i++) {
      assertEquals(rates.first() / 10, adam.paramGroups().get(1).lr(), 1e-12, "step " + i);
      adam.step();
      rates.afterStep();
    }
  }

  @Test
  @DisplayName(
      "a warm-up rises linearly; a schedule of steps begins behind it, one of epochs goes on")
  void warmup() {
    double[] none = rates(settings("none", 3, 1, List.of(), 1, 0));
    assertArrayEquals(new double[] {0.25, 0.5, 0.75, 1, 1}, Arrays.copyOf(none, 5), 1e-12);
    double[] linear = rates(settings("polynomial", 2, 1, List.of(), 1, 0));
    assertArrayEquals(
        new double[] {1 / 3.0, 2 / 3.0, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1},
        linear,
        1e-12);
    double[] step = rates(settings("step", 5, 1, List.of(), 0.5, 0));
    assertArrayEquals(
        new double[] {1 / 6.0, 2 / 6.0, 3 / 6.0, 4 / 6.0, 5 / 12.0, 0.5, 0.5, 0.5, 0.25},
        Arrays.copyOf(step, 9),
        1e-12);
  }

  @Test
  @DisplayName("a warm-up as long as the fit is refused")
  void warmupTooLong() {
    assertEquals(
        "warmupSteps: expected less than the 12 steps of the fit (3 epochs of 4), got 12.",
        assertThrows(InputException.class, () -> rates(settings("cosine", 12, 1, List.of(), 1, 0)))
            .getMessage());
  }
}
