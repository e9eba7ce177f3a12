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
import io.sparkgrad.optim.SGD;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** State dicts of schedulers, and settings that are refused. */
class LRSchedulerStateTest {
  private interface Make extends Function<Optimizer<?>, LRScheduler> {}

  private static SGD sgd(double lr) {
    return new SGD(List.of(v(0).requiresGrad_()), SGD.Options.DEFAULT.withLr(lr));
  }

  private static double lr(Optimizer<?> optimizer) {
    return optimizer.paramGroups().get(0).lr();
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
            "\"max_lr\":0.1,\"total_steps\":10,\"pct_start\":0.3,\"div_factor\":25.0,\"final_div_factor\":10000.0,\"anneal_strategy\":\"cos\",\"cycle_momentum\":true,\"base_momentum\":0.85,\"max_momentum\":0.95,\"three_phase\":false",
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
            () -> new OneCycleLR(o, OneCycleLR.Options.of(.1, 5).withPctStart(2))),
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
}
