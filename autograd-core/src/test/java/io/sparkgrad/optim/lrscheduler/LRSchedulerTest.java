// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.Warnings;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import io.sparkgrad.optim.SGD;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section Q: the rate read before each epoch, base 0.05; numbers from PyTorch 2.13. */
class LRSchedulerTest {
  private interface Make extends Function<Optimizer<?>, LRScheduler> {}

  private static SGD sgd(double lr) {
    return new SGD(List.of(v(0).requiresGrad_()), SGD.Options.DEFAULT.withLr(lr));
  }

  private static double lr(Optimizer<?> optimizer) {
    return optimizer.paramGroups().get(0).lr();
  }

  private static void rates(Make make, double... expected) {
    SGD sgd = sgd(.05);
    LRScheduler scheduler = make.apply(sgd);
    for (int epoch = 0; epoch < expected.length; epoch++) {
      assertEquals(expected[epoch], lr(sgd), 1e-12, "epoch " + epoch);
      assertEquals(List.of(lr(sgd)), scheduler.getLastLr());
      assertEquals(epoch, scheduler.lastEpoch());
      sgd.step();
      scheduler.step();
    }
  }

  @Test
  @DisplayName("SCH-1, Q01: StepLR and MultiStepLR")
  void steps() {
    rates(o -> new StepLR(o, 3), .05, .05, .05, .005, .005, .005, .0005, .0005, .0005, .00005);
    rates(
        o -> new MultiStepLR(o, List.of(9, 2, 5)), // sorted
        .05,
        .05,
        .005,
        .005,
        .005,
        .0005,
        .0005,
        .0005,
        .0005,
        .00005,
        .00005);
    rates(o -> new MultiStepLR(o, List.of(1, 1), .5), .05, .0125);
  }

  @Test
  @DisplayName("SCH-1, Q03: ExponentialLR and LambdaLR")
  void functions() {
    rates(o -> new ExponentialLR(o, .9), .05, .045, .0405, .03645, .032805);
    rates(o -> new LambdaLR(o, e -> Math.pow(.9, e) * (e + 1)), .05, .09, .1215, .1458);
  }

  @Test
  @DisplayName("SCH-2: CosineAnnealingLR rises again past T")
  void cosine() {
    rates(
        o -> new CosineAnnealingLR(o, 4, .01),
        .05,
        .044142135623730955,
        .03,
        .01585786437626905,
        .01,
        .01585786437626905,
        .03,
        .04414213562373097,
        .05,
        .044142135623730976);
    rates(o -> new CosineAnnealingLR(o, 2), .05, .025, 0, .025);
  }

  @Test
  @DisplayName("SCH-3, Q03: LinearLR, ConstantLR and PolynomialLR")
  void ramps() {
    rates(o -> new LinearLR(o, .5, 1, 4), .025, .03125, .0375, .04375, .05, .05);
    rates(
        LinearLR::new,
        .05 / 3,
        .023333333333333334,
        .03,
        .036666666666666674,
        .04333333333333334,
        .05,
        .05);
    rates(o -> new ConstantLR(o, .5, 5), .025, .025, .025, .025, .025, .05, .05);
    rates(ConstantLR::new, .05 / 3, .05 / 3, .05 / 3, .05 / 3, .05 / 3, .05);
    rates(o -> new PolynomialLR(o, 4, 1), .05, .0375, .025, .0125, 0, 0);
    rates(PolynomialLR::new, .05, .04, .03, .02, .01, 0, 0);
    rates(o -> new PolynomialLR(o, 4, 2), .05, .028125, .0125, .003125, 0, 0);
  }

  @Test
  @DisplayName("SCH-4, Q05: SequentialLR starts each part at its epoch 0 from the base rate")
  void sequential() {
    rates(
        o ->
            new SequentialLR(
                o, List.of(new ExponentialLR(o, .8), new StepLR(o, 4, .1)), List.of(3)),
        .05,
        .04,
        .032,
        .05,
        .05,
        .05,
        .05,
        .005,
        .005,
        .005,
        .005,
        .0005);
    rates(
        o ->
            new SequentialLR(
                o, List.of(new ConstantLR(o, .1, 3), new ExponentialLR(o, .9)), List.of(3)),
        .005,
        .005,
        .005,
        .05,
        .045,
        .0405);
    rates(
        o ->
            new SequentialLR(
                o,
                List.of(
                    new LinearLR(o, .5, 1, 2),
                    new CosineAnnealingLR(o, 4),
                    new ConstantLR(o, .5, 2)),
                List.of(2, 5)),
        .025,
        .0375,
        .05,
        .04267766952966369,
        .025,
        .025,
        .025,
        .05,
        .05);
  }

  @Test
  @DisplayName("SCH-4: ChainedScheduler multiplies")
  void chained() {
    rates(
        o -> new ChainedScheduler(o, List.of(new ConstantLR(o, .1, 2), new ExponentialLR(o, .9))),
        .005,
        .0045,
        .0405,
        .03645,
        .032805);
  }

  @Test
  @DisplayName("SCH-6, Q05: OneCycleLR ends after its steps")
  void oneCycle() {
    double[] expected = {
      .004,
      .052,
      .1,
      .09504846320134738,
      .0811745653949763,
      .06112620219362893,
      .03887419780637107,
      .0188258346050237,
      .004951936798652629,
      4e-7
    };
    rates(o -> new OneCycleLR(o, .1, 10), expected);
    SGD sgd = sgd(.05);
    LRScheduler scheduler = new OneCycleLR(sgd, .1, 2);
    sgd.step();
    scheduler.step();
    scheduler.step();
    double last = lr(sgd);
    rejects(
        IllegalStateException.class,
        "OneCycleLR: expected at most 2 steps, got step 3; raise totalSteps",
        scheduler::step);
    assertEquals(2, scheduler.lastEpoch());
    assertEquals(last, lr(sgd));
    assertEquals(.004, sgd.paramGroups().get(0).initialLr());
  }

  @Test
  @DisplayName("SCH-7: CosineAnnealingWarmRestarts, of growing and of constant periods")
  void warmRestarts() {
    rates(
        o -> new CosineAnnealingWarmRestarts(o, 2, 2, .01),
        .05,
        .03,
        .05,
        .044142135623730955,
        .03,
        .01585786437626905,
        .05,
        .048477590650225735,
        .044142135623730955);
    rates(o -> new CosineAnnealingWarmRestarts(o, 3), .05, .0375, .0125, .05, .0375, .0125, .05);
  }

  @Test
  @DisplayName("SCH-7, Q01: groups keep their ratio; one that is added later joins in")
  void groups() {
    SGD sgd = sgd(.05);
    sgd.addParamGroup(List.of(v(0).requiresGrad_()), o -> o.withLr(.5));
    LRScheduler scheduler = new StepLR(sgd, 1);
    sgd.step();
    scheduler.step();
    assertEquals(.005, sgd.paramGroups().get(0).lr(), 1e-12);
    assertEquals(.05, sgd.paramGroups().get(1).lr(), 1e-12);
    assertEquals(.05, sgd.paramGroups().get(0).initialLr());
    sgd.addParamGroup(List.of(v(0).requiresGrad_()), o -> o.withLr(1));
    scheduler.step();
    assertEquals(.01, sgd.paramGroups().get(2).lr(), 1e-12);
    assertEquals(3, scheduler.getLastLr().size());
  }

  @Test
  @DisplayName("SCH-1: a function for each group")
  void lambdas() {
    SGD sgd = sgd(1);
    sgd.addParamGroup(List.of(v(0).requiresGrad_()), o -> o.withLr(1));
    List<LongToDoubleFunction> two = List.of(e -> .5, e -> e);
    LRScheduler scheduler = new LambdaLR(sgd, two);
    assertEquals(List.of(.5, 0.0), scheduler.getLastLr());
    rejects(
        IllegalArgumentException.class,
        "LambdaLR: expected one function for each of 1 parameter groups, got 2",
        () -> new LambdaLR(sgd(1), two));
  }

  @Test
  @DisplayName("SCH-8: stepping before the optimiser is reported")
  void order() {
    SGD sgd = sgd(.05);
    LRScheduler early = new StepLR(sgd, 1);
    assertEquals(
        List.of(
            "scheduler: step() was called before optimizer.step(), so the first learning rate is never used; call optimizer.step() first"),
        Warnings.of(
            LRScheduler.class,
            () -> {
              early.step();
              early.step();
            }));
    sgd.step();
    assertEquals(List.of(), Warnings.of(LRScheduler.class, new StepLR(sgd, 1)::step));
  }

  @Test
  @DisplayName("SCH-7: the first rate stays what it was before any scheduler")
  void initialStays() {
    SGD sgd = sgd(.05);
    new ConstantLR(sgd, .1, 3);
    new ConstantLR(sgd, .1, 3);
    ParamGroup<?> group = sgd.paramGroups().get(0);
    assertEquals(.05, group.initialLr());
    assertEquals(.005, group.lr(), 1e-12); // not multiplied twice
  }
}
