// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.optim.Adagrad;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.AdamW;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.RMSprop;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.optim.lrscheduler.OneCycleLR.Anneal;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** SCH-6 beyond the default: momentum, three phases and straight lines; numbers from PyTorch. */
class OneCycleLRTest {
  private static final OneCycleLR.Options OPTIONS = OneCycleLR.Options.of(.1, 10);

  private final List<Tensor> parameters = List.of(v(0).requiresGrad_());
  private final SGD sgd = new SGD(parameters, SGD.Options.DEFAULT.withMomentum(.9));
  private final Adam adam = new Adam(parameters, Adam.Options.DEFAULT);

  private static double sgdMomentum(SGD sgd) {
    return sgd.paramGroups().get(0).options().momentum();
  }

  private static double beta1(Adam adam) {
    return adam.paramGroups().get(0).options().beta1();
  }

  private static <T extends Optimizer<?>> void follows(
      T optimizer, LRScheduler scheduler, ToDoubleFunction<T> value, double... expected) {
    for (int step = 0; step < expected.length; step++) {
      assertEquals(expected[step], value.applyAsDouble(optimizer), 1e-12, "step " + step);
      optimizer.step();
      scheduler.step();
    }
  }

  private static double lr(Optimizer<?> optimizer) {
    return optimizer.paramGroups().get(0).lr();
  }

  @Test
  @DisplayName("SCH-6: momentum falls from 0.95 to 0.85 while the rate rises, and returns")
  void momentum() {
    follows(
        sgd,
        new OneCycleLR(sgd, OPTIONS),
        OneCycleLRTest::sgdMomentum,
        .95,
        .9,
        .85,
        .854951556604879,
        .8688255099070633,
        .8888739533021842,
        .9111260466978157,
        .9311744900929366,
        .945048443395121,
        .95);
  }

  @Test
  @DisplayName("SCH-6: three phases, in which β₁ of Adam is the momentum")
  void threePhases() {
    double[] rates = {
      .004,
      .052,
      .1,
      .052,
      .004,
      .0036180721853510196,
      .0026181721853510195,
      .0013822278146489802,
      .0003823278146489803,
      4e-7
    };
    OneCycleLR.Options options = OPTIONS.withThreePhase(true);
    follows(adam, new OneCycleLR(adam, options), OneCycleLRTest::lr, rates);
    double[] beta1 = {.95, .9, .85, .9, .95, .95, .95, .95, .95, .95};
    follows(adam, new OneCycleLR(adam, options), OneCycleLRTest::beta1, beta1);
    assertEquals(.999, adam.paramGroups().get(0).options().beta2());
  }

  @Test
  @DisplayName("SCH-6: along straight lines, in two phases and in three")
  void linear() {
    OneCycleLR.Options options = OPTIONS.withAnneal(Anneal.LINEAR);
    follows(
        sgd,
        new OneCycleLR(sgd, options),
        OneCycleLRTest::lr,
        .004,
        .052,
        .1,
        .08571434285714286,
        .07142868571428572,
        .05714302857142858,
        .042857371428571434,
        .028571714285714284,
        .014286057142857148,
        4e-7);
    OneCycleLR.Options three = options.withThreePhase(true).withPctStart(.4);
    double[] rates = {.004, .036, .068, .1, .068, .036, .004, .0026668, .0013336, 4e-7};
    follows(sgd, new OneCycleLR(sgd, three), OneCycleLRTest::lr, rates);
    double fifth = .9166666666666666;
    double[] momenta = {.95, fifth, .8833333333333333, .85, .8833333333333333, fifth, .95, .95};
    follows(sgd, new OneCycleLR(sgd, three), OneCycleLRTest::sgdMomentum, momenta);
  }

  @Test
  @DisplayName("SCH-6: base_momentum, max_momentum and the two factors")
  void settings() {
    new OneCycleLR(sgd, OPTIONS.withMomentum(.5, .8).withDivFactors(10, 100));
    assertEquals(.8, sgdMomentum(sgd));
    assertEquals(.01, lr(sgd), 1e-15);
    new OneCycleLR(sgd, OPTIONS.withCycleMomentum(false));
    assertEquals(.8, sgdMomentum(sgd), "left alone");
  }

  @Test
  @DisplayName("SCH-6: AdamW and RMSprop have a momentum to cycle, Adagrad has none")
  void whichOptimizers() {
    AdamW adamw = new AdamW(parameters, AdamW.DEFAULT);
    new OneCycleLR(adamw, OPTIONS);
    assertEquals(.95, adamw.paramGroups().get(0).options().beta1());
    RMSprop rmsprop = new RMSprop(parameters, RMSprop.Options.DEFAULT);
    new OneCycleLR(rmsprop, OPTIONS);
    assertEquals(.95, rmsprop.paramGroups().get(0).options().momentum());
    Adagrad adagrad = new Adagrad(parameters, Adagrad.Options.DEFAULT);
    rejects(
        IllegalArgumentException.class,
        "OneCycleLR: optimizer must support momentum or beta1 with cycleMomentum, got Adagrad; pass withCycleMomentum(false)",
        () -> new OneCycleLR(adagrad, OPTIONS));
    new OneCycleLR(adagrad, OPTIONS.withCycleMomentum(false));
    assertEquals(.004, lr(adagrad), 1e-15);
  }

  @Test
  @DisplayName("SCH-4, SCH-6: composed with other schedules the momentum still moves")
  void composed() {
    LRScheduler cycle = new OneCycleLR(sgd, OPTIONS);
    LRScheduler chained = new ChainedScheduler(sgd, List.of(new ConstantLR(sgd), cycle));
    follows(sgd, chained, OneCycleLRTest::sgdMomentum, .95, .9, .85);
    List<LRScheduler> parts = List.of(new ConstantLR(sgd), cycle);
    LRScheduler joined = new SequentialLR(sgd, parts, List.of(2));
    double kept = sgdMomentum(sgd);
    follows(sgd, joined, OneCycleLRTest::sgdMomentum, kept, kept, .95, .9, .85);
  }
}
