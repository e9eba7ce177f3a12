// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Warnings;
import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ParamGroupTest {
  private static final SGD.Options MOMENTUM = SGD.Options.DEFAULT.withLr(.1).withMomentum(.9);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  private static Tensor withGrad(double value, double grad) {
    Tensor x = leaf(value);
    x.setGrad(v(grad));
    return x;
  }

  @Test
  @DisplayName("OPT-1, P10: a group overrides settings, the others come from the defaults")
  void groups() {
    Tensor a = withGrad(1, 1);
    Tensor b = withGrad(1, 1);
    SGD sgd =
        new SGD(
            MOMENTUM,
            List.of(ParamGroup.of(List.of(a)), ParamGroup.of(List.of(b), o -> o.withLr(.5))));
    sgd.step();
    values(a, .9);
    values(b, .5);
    sgd.step(); // momentum .9 in both: 1 + .9
    values(a, .9 - .19);
    values(b, .5 - .95);
    assertEquals(MOMENTUM.withLr(.5), sgd.paramGroups().get(1).options());
    sgd.paramGroups().get(1).setOptions(MOMENTUM.withLr(0));
    sgd.step();
    values(b, .5 - .95);
  }

  @Test
  @DisplayName("OPT-1: every optimiser takes groups, of any settings")
  void everyOptimizer() {
    Tensor x = withGrad(1, 1);
    List<Optimizer<?>> all =
        List.of(
            new Adam(Adam.Options.DEFAULT, List.of(ParamGroup.of(List.of(x), o -> o.withLr(0)))),
            new AdamW(AdamW.DEFAULT, List.of(ParamGroup.of(List.of(x), o -> o.withLr(0)))),
            new RMSprop(
                RMSprop.Options.DEFAULT, List.of(ParamGroup.of(List.of(x), o -> o.withLr(0)))),
            new Adagrad(
                Adagrad.Options.DEFAULT, List.of(ParamGroup.of(List.of(x), o -> o.withLr(0)))));
    all.forEach(Optimizer::step);
    values(x, 1);
  }

  @Test
  @DisplayName("OPT-1: empty groups, the same parameter in two groups")
  void errors() {
    Tensor x = leaf(1);
    rejects(
        IllegalArgumentException.class,
        "optimizer: got an empty parameter list; is every layer frozen?",
        () -> new SGD(MOMENTUM, List.of()));
    rejects(
        IllegalArgumentException.class,
        "optimizer: got an empty parameter list; is every layer frozen?",
        () -> new SGD(MOMENTUM, List.of(ParamGroup.of(List.of()))));
    rejects(
        IllegalArgumentException.class,
        "optimizer: a parameter appears in more than one parameter group or twice: Tensor[1] {1.00000} (FLOAT64, requiresGrad)",
        () -> new SGD(MOMENTUM, List.of(ParamGroup.of(List.of(x)), ParamGroup.of(List.of(x)))));
    rejects(
        IllegalArgumentException.class,
        "optimizer: Invalid learning rate: -1.0",
        () -> new SGD(MOMENTUM, List.of(ParamGroup.of(List.of(x), o -> o.withLr(-1)))));
  }

  @Test
  @DisplayName("OPT-9: unfrozen parameters join later, and start as fresh ones")
  void addParamGroup() {
    Tensor a = withGrad(1, 1);
    Tensor b = withGrad(1, 1);
    SGD sgd = new SGD(List.of(a), MOMENTUM);
    sgd.step();
    sgd.addParamGroup(List.of(b), o -> o.withLr(1));
    sgd.step();
    values(a, .71);
    values(b, 0);
    assertThrows(IllegalArgumentException.class, () -> sgd.addParamGroup(List.of(b)));
    assertEquals(2, sgd.paramGroups().size());
    sgd.addParamGroup(List.of(leaf(2)));
    assertEquals(MOMENTUM, sgd.paramGroups().get(2).options());
  }

  @Test
  @DisplayName("OPT-3, P10: a closure runs with recording on, and its loss comes back")
  void closure() {
    Tensor x = leaf(1);
    SGD sgd = new SGD(List.of(x), SGD.Options.DEFAULT.withLr(.1));
    try (var mode = GradMode.noGrad()) {
      Tensor loss =
          sgd.step(
              () -> {
                sgd.zeroGrad();
                Tensor square = x.square().sum();
                square.backward();
                return square;
              });
      assertEquals(1, loss.item());
      assertFalse(GradMode.isEnabled());
    }
    values(x, .8);
    assertEquals(1, sgd.stepCount());
  }

  @Test
  @DisplayName("OPT-4, P10: zeroGrad drops gradients, or writes zeros into the same tensor")
  void zeroGrad() {
    Tensor x = withGrad(1, 2);
    Tensor without = leaf(1);
    SGD sgd = new SGD(List.of(x, without), MOMENTUM);
    Tensor grad = x.grad();
    sgd.zeroGrad(false);
    assertSame(grad, x.grad());
    values(grad, 0);
    assertNull(without.grad());
    sgd.zeroGrad();
    assertNull(x.grad());
  }

  @Test
  @DisplayName("OPT-4, MOD-8: a gradient that has a history loses it when it is zeroed")
  void zeroGradDetaches() {
    Tensor x = leaf(3);
    x.square().sum().backward(null, Autograd.Options.DEFAULT.withCreateGraph(true));
    Tensor grad = x.grad();
    assertTrue(grad.requiresGrad());
    x.zeroGrad(false);
    assertNotSame(grad, x.grad());
    assertFalse(x.grad().requiresGrad());
    values(x.grad(), 0);
  }

  @Test
  @DisplayName("frozen parameters are reported, once per group")
  void frozenParameters() {
    Tensor x = leaf(1);
    Tensor frozen = v(1);
    assertEquals(List.of(), Warnings.of(Optimizer.class, () -> new SGD(List.of(x), MOMENTUM)));
    assertEquals(
        List.of(
            "optimizer: 2 of the 3 parameters given (at 0, 2) are frozen (requiresGrad=false) and will not be trained; leave them out, and add them with addParamGroup when you unfreeze them"),
        Warnings.of(Optimizer.class, () -> new SGD(List.of(frozen, x, v(2)), MOMENTUM)));
    List<Tensor> many = new ArrayList<>(List.of(x));
    IntStream.range(0, 9).forEach(i -> many.add(v(i)));
    String message = Warnings.of(Optimizer.class, () -> new SGD(many, MOMENTUM)).toString();
    assertTrue(message.contains("(at 1, 2, 3, 4, 5, 6, 7, 8, …)"), message);
  }

  @Test
  @DisplayName("with nothing but frozen parameters an optimiser says that it trains nothing")
  void allFrozen() {
    assertEquals(
        List.of(
            "optimizer: all 2 parameters given are frozen (requiresGrad=false), so step() trains nothing; unfreeze what is to be trained with requiresGrad_(true)"),
        Warnings.of(
            Optimizer.class,
            () -> {
              SGD sgd = new SGD(List.of(v(1), v(2)), MOMENTUM);
              sgd.step();
              sgd.step();
            }));
  }

  @Test
  @DisplayName("PRN-5: a stale gradient of a frozen parameter is applied and reported, once")
  void staleGradient() {
    Tensor x = withGrad(1, 1);
    Tensor cleared = withGrad(1, 1);
    SGD sgd = new SGD(List.of(x, cleared), MOMENTUM);
    x.requiresGrad_(false);
    cleared.requiresGrad_(false).setGrad(null);
    assertEquals(
        List.of(
            "optimizer: 1 frozen parameter(s) (at 0 over all groups) still hold a gradient from before, which is applied; call zeroGrad() when you freeze a layer"),
        Warnings.of(
            Optimizer.class,
            () -> {
              sgd.step();
              sgd.step();
            }));
    values(x, .71);
    values(cleared, 1);
  }
}
