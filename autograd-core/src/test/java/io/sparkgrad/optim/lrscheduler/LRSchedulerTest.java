// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim.lrscheduler;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.Warnings;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import io.sparkgrad.optim.SGD;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

  static Stream<Arguments> states() {
    return Stream.of(
        of("\"step_size\":3,\"gamma\":0.1", o -> new StepLR(o, 3)),
        of("\"gamma\":0.5,\"milestones\":[2,5]", o -> new MultiStepLR(o, List.of(2, 5), .5)),
        of("\"gamma\":0.9", o -> new ExponentialLR(o, .9)),
        of("", o -> new LambdaLR(o, e -> 1.0 / (e + 1))),
        of("\"T_max\":4,\"eta_min\":0.01", o -> new CosineAnnealingLR(o, 4, .01)),
        of(
            "\"start_factor\":0.5,\"end_factor\":1.0,\"total_iters\":4",
            o -> new LinearLR(o, .5, 1, 4)),
        of("\"factor\":0.5,\"total_iters\":5", o -> new ConstantLR(o, .5, 5)),
        of("\"total_iters\":4,\"power\":2.0", o -> new PolynomialLR(o, 4, 2)),
        of(
            "\"T_0\":2,\"T_mult\":2,\"eta_min\":0.0",
            o -> new CosineAnnealingWarmRestarts(o, 2, 2, 0)),
        of(
            "\"max_lr\":0.1,\"total_steps\":10,\"pct_start\":0.3,\"div_factor\":25.0,\"final_div_factor\":10000.0",
            o -> new OneCycleLR(o, .1, 10)),
        of(
            "\"_milestones\":[3],\"_schedulers\":[{\"gamma\":0.8},{\"step_size\":4,\"gamma\":0.1}]",
            o ->
                new SequentialLR(
                    o, List.of(new ExponentialLR(o, .8), new StepLR(o, 4, .1)), List.of(3))),
        of(
            "\"_schedulers\":[{\"gamma\":0.8}]",
            o -> new ChainedScheduler(o, List.of(new ExponentialLR(o, .8)))));
  }

  private static Arguments of(String settings, Make make) {
    return Arguments.of(settings, make);
  }

  @ParameterizedTest
  @MethodSource("states")
  @DisplayName("SCH-8, SER-5: from its state dict a schedule continues with the same bits")
  void stateDict(String settings, Make make) throws JsonProcessingException {
    SGD sgd = sgd(.05);
    LRScheduler scheduler = make.apply(sgd);
    sgd.step();
    for (int epoch = 0; epoch < 3; epoch++) {
      scheduler.step();
    }
    ObjectNode saved = scheduler.stateDict();
    String base = String.valueOf(sgd.paramGroups().get(0).initialLr());
    assertEquals(
        "{%s\"base_lrs\":[%s],\"last_epoch\":3,\"_last_lr\":[%s]}"
            .formatted(settings.isEmpty() ? "" : settings + ",", base, lr(sgd)),
        saved.toString());
    SGD other = sgd(.05);
    LRScheduler resumed = make.apply(other);
    resumed.loadStateDict((ObjectNode) new ObjectMapper().readTree(saved.toString()));
    assertEquals(lr(sgd), lr(other));
    for (int epoch = 0; epoch < 4; epoch++) {
      scheduler.step();
      assertEquals(List.of(), Warnings.of(LRScheduler.class, resumed::step));
      assertEquals(lr(sgd), lr(other));
    }
  }

  @Test
  @DisplayName("OPT-7, SCH-7: the optimiser's state carries initial_lr, so order does not matter")
  void initialLr() {
    SGD sgd = sgd(.05);
    LRScheduler scheduler = new ExponentialLR(sgd, .5);
    sgd.step();
    scheduler.step();
    assertEquals(.05, sgd.stateDict().paramGroups().get(0).path("initial_lr").asDouble());
    SGD other = sgd(7);
    other.loadStateDict(sgd.stateDict());
    assertEquals(.025, lr(other));
    LRScheduler resumed = new ExponentialLR(other, .5);
    assertEquals(.05, lr(other));
    resumed.loadStateDict(scheduler.stateDict());
    assertEquals(.025, lr(other));
  }

  @Test
  @DisplayName("SCH-8: the state of another scheduler is refused, and nothing changes")
  void otherStates() {
    SGD sgd = sgd(.05);
    LRScheduler scheduler = new StepLR(sgd, 3);
    refuses(
        scheduler,
        "loadStateDict: gamma: expected 0.1, got 0.5; make the scheduler with the settings of the state",
        new StepLR(sgd(.05), 3, .5).stateDict());
    refuses(
        scheduler,
        "loadStateDict: base_lrs: expected one rate for each of 1 parameter groups, got [0.1,0.2]",
        withBases(.1, .2));
    refuses(
        scheduler,
        "loadStateDict: last_epoch: expected an integer of 0 or more, got -1",
        withBases(.1).put("last_epoch", -1));
    assertEquals(0, scheduler.lastEpoch());
    assertEquals(.05, lr(sgd));
    Make sequence =
        o -> new SequentialLR(o, List.of(new StepLR(o, 1), new StepLR(o, 1)), List.of(3));
    ObjectNode nested = sequence.apply(sgd(.05)).stateDict();
    ((ObjectNode) nested.path("_schedulers").path(1)).put("gamma", .2);
    refuses(
        sequence.apply(sgd),
        "loadStateDict: _schedulers: expected [{\"step_size\":1,\"gamma\":0.1},{\"step_size\":1,\"gamma\":0.1}], got [{\"step_size\":1,\"gamma\":0.1},{\"step_size\":1,\"gamma\":0.2}]; make the scheduler with the settings of the state",
        nested);
  }

  private static ObjectNode withBases(double... rates) {
    ObjectNode state = new StepLR(sgd(.05), 3).stateDict();
    var bases = state.putArray("base_lrs");
    for (double rate : rates) {
      bases.add(rate);
    }
    return state;
  }

  private static void refuses(LRScheduler scheduler, String message, ObjectNode state) {
    rejects(IllegalArgumentException.class, message, () -> scheduler.loadStateDict(state));
  }

  static Stream<Arguments> badSettings() {
    SGD o = sgd(.05);
    return Stream.of(
        bad("StepLR: stepSize: expected a positive integer, got 0", () -> new StepLR(o, 0)),
        bad(
            "LinearLR: startFactor: expected a number above 0 and up to 1, got 0.0",
            () -> new LinearLR(o, 0, 1, 5)),
        bad(
            "LinearLR: startFactor: expected a number above 0 and up to 1, got 1.1",
            () -> new LinearLR(o, 1.1, 1, 5)),
        bad(
            "LinearLR: endFactor: expected a number from 0 to 1, got 1.1",
            () -> new LinearLR(o, 1, 1.1, 5)),
        bad(
            "LinearLR: totalIters: expected a positive integer, got 0",
            () -> new LinearLR(o, 1, 1, 0)),
        bad(
            "ConstantLR: factor: expected a number from 0 to 1, got 1.1",
            () -> new ConstantLR(o, 1.1, 5)),
        bad(
            "PolynomialLR: totalIters: expected a positive integer, got 0",
            () -> new PolynomialLR(o, 0, 1)),
        bad(
            "CosineAnnealingLR: tMax: expected a positive integer, got 0",
            () -> new CosineAnnealingLR(o, 0)),
        bad(
            "CosineAnnealingWarmRestarts: expected t0 and tMult of 1 or more, got 2 and 0",
            () -> new CosineAnnealingWarmRestarts(o, 2, 0, 0)),
        bad(
            "OneCycleLR: totalSteps: expected a positive integer, got 0",
            () -> new OneCycleLR(o, .1, 0)),
        bad(
            "OneCycleLR: pctStart: expected a number from 0 to 1, got 2.0",
            () -> new OneCycleLR(o, new OneCycleLR.Options(.1, 5, 2, 25, 1e4))),
        bad(
            "ChainedScheduler: expected at least one scheduler, got none",
            () -> new ChainedScheduler(o, List.of())),
        bad(
            "ChainedScheduler: expected schedulers of one optimizer, got another at index 0",
            () -> new ChainedScheduler(o, List.of(new StepLR(sgd(1), 1)))),
        bad(
            "SequentialLR: expected one milestone less than the 1 schedulers, got 1",
            () -> new SequentialLR(o, List.of(new StepLR(o, 1)), List.of(1))),
        bad(
            "SequentialLR: expected rising milestones above 0, got [0]",
            () -> new SequentialLR(o, List.of(new StepLR(o, 1), new StepLR(o, 1)), List.of(0))));
  }

  private static Arguments bad(String message, Executable call) {
    return Arguments.of(message, call);
  }

  @ParameterizedTest
  @MethodSource("badSettings")
  @DisplayName("Q03: settings that make no schedule")
  void settings(String message, Executable call) {
    rejects(IllegalArgumentException.class, message, call);
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
