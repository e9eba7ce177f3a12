// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Section P: x₀ = [1, −2], gradients [.5, −1], [.25, 2], [1, 1]; numbers from PyTorch 2.13. */
class OptimizersTest {
  private static final double[][] GRADS = {{.5, -1}, {.25, 2}, {1, 1}};
  private static final SGD.Options SGD_OPTIONS = SGD.Options.DEFAULT.withLr(.1);
  private static final Adam.Options ADAM = Adam.Options.DEFAULT.withLr(.1);

  private static final RMSprop.Options RMSPROP = RMSprop.Options.DEFAULT.withLr(.1);
  private static final Adagrad.Options ADAGRAD = Adagrad.Options.DEFAULT.withLr(.1);

  private static void steps(Function<List<Tensor>, Optimizer<?>> make, double... expected) {
    for (DType dtype : List.of(DType.FLOAT64, DType.FLOAT32)) {
      Tensor x = v(1, -2).to(dtype).requiresGrad_();
      Optimizer<?> optimizer = make.apply(List.of(x));
      for (int step = 0; step < GRADS.length; step++) {
        x.setGrad(v(GRADS[step]).to(dtype));
        optimizer.step();
        double[] got = x.toDoubleArray();
        for (int i = 0; i < 2; i++) {
          double tolerance = dtype == DType.FLOAT64 ? 1e-12 : 1e-6;
          assertEquals(expected[2 * step + i], got[i], tolerance, dtype + " step " + step);
        }
      }
    }
  }

  @Test
  @DisplayName("OPT-6, P01: SGD")
  void sgd() {
    steps(p -> new SGD(p, SGD_OPTIONS), .95, -1.9, .925, -2.1, .825, -2.2);
    steps(
        p -> new SGD(p, SGD_OPTIONS.withWeightDecay(.1)),
        .94,
        -1.88,
        .9056,
        -2.0612,
        .796544,
        -2.140588);
  }

  @Test
  @DisplayName("OPT-6, P03: SGD with momentum, dampening and Nesterov")
  void momentum() {
    SGD.Options momentum = SGD_OPTIONS.withMomentum(.9);
    steps(p -> new SGD(p, momentum), .95, -1.9, .88, -2.01, .717, -2.209);
    steps(
        p -> new SGD(p, momentum.withDampening(.5).withWeightDecay(.1)),
        .94,
        -1.88,
        .8688,
        -1.8626,
        .750376,
        -1.887627);
    steps(p -> new SGD(p, momentum.withNesterov(true)), .905, -1.81, .817, -2.109, .5703, -2.3881);
    steps(
        p -> new SGD(p, momentum.withNesterov(true).withWeightDecay(.1)),
        .886,
        -1.772,
        .773066,
        -2.021132,
        .497211146,
        -2.232897292);
  }

  @Test
  @DisplayName("OPT-6, P04: Adam")
  void adam() {
    steps(
        p -> new Adam(p, ADAM),
        0.900000002,
        -1.900000001,
        0.8067820404774624,
        -1.9366103534720749,
        0.7158734055451461,
        -1.9885344347263354);
    steps(
        p -> new Adam(p, ADAM.withWeightDecay(.1)),
        0.9000000016666666,
        -1.9000000008333333,
        0.8050097658613199,
        -1.9250178784643248,
        0.7116677995036682,
        -1.9654195788228763);
    steps(
        p -> new Adam(p, ADAM.withBetas(.5, .7).withEps(.1)),
        0.9166666666666666,
        -1.9090909090909092,
        0.8463094102257079,
        -1.965820757585902,
        0.7602249033819437,
        -2.0325048263119454);
  }

  @Test
  @DisplayName("OPT-6: AdamW decays the parameter itself, by default by 0.01")
  void adamW() {
    steps(
        p -> new AdamW(p, AdamW.DEFAULT.withLr(.1)),
        0.899000002,
        -1.898000001,
        0.8048830404754623,
        -1.9327123534710748,
        0.7131695225026706,
        -1.9827037223718642);
    steps(
        p -> new AdamW(p, ADAM.withWeightDecay(.1)),
        0.890000002,
        -1.880000001,
        0.7878820404574624,
        -1.897810353462075,
        0.6890945851205714,
        -1.9307563311817146);
  }

  @Test
  @DisplayName("OPT-5, P01: maximize negates the gradient first, before the weight decay")
  void maximize() {
    steps(p -> new SGD(p, SGD_OPTIONS.withMaximize(true)), 1.05, -2.1, 1.075, -1.9, 1.175, -1.8);
    steps(
        p -> new SGD(p, SGD_OPTIONS.withMaximize(true).withMomentum(.9).withWeightDecay(.1)),
        1.04,
        -2.08,
        1.0906,
        -1.9312,
        1.225234,
        -1.677968);
    steps(
        p -> new Adam(p, ADAM.withMaximize(true)),
        1.099999998,
        -2.099999999,
        1.1932179595225376,
        -2.0633896465279253,
        1.2841265944548539,
        -2.011465565273665);
    steps(
        p -> new AdamW(p, AdamW.DEFAULT.withLr(.1).withMaximize(true)),
        1.098999998,
        -2.097999999,
        1.1911189595245377,
        -2.0592916465289255,
        1.2808364754973294,
        -2.0053082736281365);
  }

  @Test
  @DisplayName("OPT-6, P06: amsgrad divides by the largest second moment so far")
  void amsgrad() {
    double[] off = {0.9000000001, 0.8170521769856164, 0.7361418401342049};
    double[] on = {0.9000000001, 0.8413411668578239, 0.800873863648026};
    for (boolean amsgrad : List.of(false, true)) {
      Tensor x = v(1).requiresGrad_();
      Adam adam = new Adam(List.of(x), ADAM.withBetas(.9, .5).withAmsgrad(amsgrad));
      for (int step = 0; step < 3; step++) {
        x.setGrad(v(step == 0 ? 10 : .1));
        adam.step();
        values(x, (amsgrad ? on : off)[step]);
      }
      var state = adam.stateDict().state().get(0);
      values((Tensor) state.get("exp_avg_sq"), 12.5075);
      assertEquals(amsgrad, state.containsKey("max_exp_avg_sq"));
      if (amsgrad) {
        values((Tensor) state.get("max_exp_avg_sq"), 50);
      }
    }
  }

  @Test
  @DisplayName("OPT-6: amsgrad with coupled and with decoupled weight decay")
  void amsgradDecay() {
    steps(
        p -> new Adam(p, ADAM.withWeightDecay(.1).withAmsgrad(true)),
        0.9000000016666666,
        -1.9000000008333333,
        0.8050097658613199,
        -1.9250178784643248,
        0.7116677995036682,
        -1.9654195788228763);
    steps(
        p -> new AdamW(p, ADAM.withWeightDecay(.1).withAmsgrad(true)),
        0.890000002,
        -1.880000001,
        0.7878820404574624,
        -1.897810353462075,
        0.6890945851205714,
        -1.9307563311817146);
  }

  @Test
  @DisplayName("OPT-6, P07: RMSprop")
  void rmsprop() {
    steps(
        p -> new RMSprop(p, RMSPROP),
        1.9999996048181146e-07,
        -1.0000000999999905,
        -0.4490129744218298,
        -1.8953230219915222,
        -1.3237525649149853,
        -2.3056245213859676);
    steps(
        p -> new RMSprop(p, RMSPROP.withCentered(true).withMomentum(.9)),
        -0.0050376132390502655,
        -0.9949622857508792,
        -1.3626590050730376,
        -0.9866678196046894,
        -3.469540056014337,
        -1.3908926394870818);
    RMSprop.Options all = RMSPROP.withWeightDecay(.1).withAlpha(.9).withEps(.01);
    steps(
        p -> new RMSprop(p, all.withMomentum(.5).withMaximize(true)),
        1.293059387186755,
        -2.3042030833345484,
        1.5283847191993298,
        -2.160898496002758,
        1.9253394786589522,
        -1.9399681110642508);
  }

  @Test
  @DisplayName("OPT-6, P07: Adagrad")
  void adagrad() {
    steps(
        p -> new Adagrad(p, ADAGRAD.withLrDecay(.1)),
        0.90000000002,
        -1.90000000001,
        0.8593442186181857,
        -1.9813115628245377,
        0.786604921879204,
        -2.0153322536951372);
    Adagrad.Options all = ADAGRAD.withWeightDecay(.1).withInitialAccumulatorValue(.5).withEps(.01);
    steps(
        p -> new Adagrad(p, all.withMaximize(true)),
        1.048637905165243,
        -2.0742316220863675,
        1.0660139448621737,
        -1.9845749342616228,
        1.1388710400220956,
        -1.940824253746366);
  }

  @Test
  void defaultsArePyTorchs() {
    assertEquals(new SGD.Options(1e-3, 0, 0, 0, false, false), SGD.Options.DEFAULT);
    assertEquals(new Adam.Options(1e-3, .9, .999, 1e-8, 0, false, false), Adam.Options.DEFAULT);
    assertEquals(new Adam.Options(1e-3, .9, .999, 1e-8, 1e-2, false, false), AdamW.DEFAULT);
    assertEquals(new RMSprop.Options(1e-2, .99, 1e-8, 0, 0, false, false), RMSprop.Options.DEFAULT);
    assertEquals(new Adagrad.Options(1e-2, 0, 0, 0, 1e-10, false), Adagrad.Options.DEFAULT);
  }

  static Stream<Function<List<Tensor>, Optimizer<?>>> all() {
    return Stream.of(
        p -> new SGD(p, SGD_OPTIONS.withMomentum(.9).withWeightDecay(.1)),
        p -> new Adam(p, ADAM.withWeightDecay(.1)),
        p -> new AdamW(p, ADAM.withWeightDecay(.1)),
        p -> new Adam(p, ADAM.withWeightDecay(.1).withAmsgrad(true)),
        p -> new RMSprop(p, RMSPROP.withWeightDecay(.1).withMomentum(.9)),
        p -> new Adagrad(p, ADAGRAD.withWeightDecay(.1)));
  }

  @ParameterizedTest
  @MethodSource("all")
  @DisplayName("OPT-2: without a gradient a parameter is left alone, with a zero one it is not")
  void skips(Function<List<Tensor>, Optimizer<?>> make) {
    Tensor x = v(1, -2).requiresGrad_();
    Tensor y = v(3).requiresGrad_();
    Optimizer<?> optimizer = make.apply(List.of(x, y));
    x.setGrad(v(0, 0));
    optimizer.step();
    assertNotEquals(1, x.toDoubleArray()[0]); // decayed
    values(y, 3);
    assertEquals(0, y.version());
    assertEquals(1, x.version());
    assertTrue(x.requiresGrad() && x.isLeaf());
    optimizer.zeroGrad();
    assertNull(x.grad());
    // The first gradient later on makes a first step, as of a fresh optimiser.
    y.setGrad(v(1));
    optimizer.step();
    Tensor fresh = v(3).requiresGrad_();
    fresh.setGrad(v(1));
    make.apply(List.of(fresh)).step();
    values(y, fresh.toDoubleArray());
  }

  @Test
  @DisplayName("PRN-5: a stale gradient of a parameter frozen later is still applied")
  void stale() {
    Tensor x = v(2).requiresGrad_();
    x.setGrad(v(-30));
    x.requiresGrad_(false);
    new SGD(List.of(x), SGD_OPTIONS.withLr(.01)).step();
    values(x, 2.3);
  }

  @Test
  @DisplayName("OPT-1, P10: what is not a list of parameters")
  void badParameters() {
    rejects(
        IllegalArgumentException.class,
        "optimizer: got an empty parameter list; is every layer frozen?",
        () -> new SGD(List.of(), SGD_OPTIONS));
    Tensor x = v(1).requiresGrad_();
    rejects(
        IllegalArgumentException.class,
        "optimizer: can't optimize a non-leaf tensor: Tensor[1] {2.00000} (FLOAT64, gradFn=MulBackward)",
        () -> new SGD(List.of(x.mul(2)), SGD_OPTIONS));
    rejects(
        IllegalArgumentException.class,
        "optimizer: a parameter appears in more than one parameter group or twice: Tensor[1] {1.00000} (FLOAT64, requiresGrad)",
        () -> new Adam(List.of(x, x), ADAM));
  }

  static Stream<Arguments> badSettings() {
    return Stream.of(
        Arguments.of("Invalid learning rate: -1.0", (Executable) () -> SGD_OPTIONS.withLr(-1)),
        Arguments.of("Invalid learning rate: NaN", (Executable) () -> ADAM.withLr(Double.NaN)),
        Arguments.of(
            "Invalid momentum value: -0.5", (Executable) () -> SGD_OPTIONS.withMomentum(-.5)),
        Arguments.of(
            "Invalid weight_decay value: -1.0", (Executable) () -> SGD_OPTIONS.withWeightDecay(-1)),
        Arguments.of(
            "Nesterov momentum requires a momentum and zero dampening",
            (Executable) () -> SGD_OPTIONS.withNesterov(true)),
        Arguments.of(
            "Nesterov momentum requires a momentum and zero dampening",
            (Executable) () -> SGD_OPTIONS.withMomentum(.9).withDampening(.1).withNesterov(true)),
        Arguments.of(
            "Invalid beta parameter at index 0: 1.0", (Executable) () -> ADAM.withBetas(1, .9)),
        Arguments.of(
            "Invalid beta parameter at index 1: -0.1", (Executable) () -> ADAM.withBetas(.9, -.1)),
        Arguments.of("Invalid epsilon value: -1.0", (Executable) () -> ADAM.withEps(-1)),
        Arguments.of("Invalid alpha value: -1.0", (Executable) () -> RMSPROP.withAlpha(-1)),
        Arguments.of("Invalid momentum value: -1.0", (Executable) () -> RMSPROP.withMomentum(-1)),
        Arguments.of("Invalid lr_decay value: -1.0", (Executable) () -> ADAGRAD.withLrDecay(-1)),
        Arguments.of(
            "Invalid initial_accumulator_value value: -1.0",
            (Executable) () -> ADAGRAD.withInitialAccumulatorValue(-1)));
  }

  @ParameterizedTest
  @MethodSource("badSettings")
  void settings(String message, Executable call) {
    rejects(IllegalArgumentException.class, "optimizer: " + message, call);
  }
}
