// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.java.JavaBackend;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FusedStepsTest {
  private static final SGD.Options MOMENTUM = SGD.Options.DEFAULT.withLr(.25).withMomentum(.5);

  private final CountingBackend counting = new CountingBackend(new JavaBackend());

  private List<Tensor> parameters(DType dtype, int count) {
    List<Tensor> parameters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Tensor parameter = Tensor.zeros(Shape.of(2), dtype, counting.backend());
      counting.backend().upload(new double[] {i, -1}, parameter.buffer());
      parameters.add(parameter.requiresGrad_());
    }
    return parameters;
  }

  private static void giveGradients(List<Tensor> parameters) {
    parameters.forEach(p -> p.setGrad(Tensor.onesLike(p)));
  }

  private int calls(Optimizer<?> optimizer, String kernel) {
    counting.reset();
    optimizer.step();
    return counting.calls(kernel);
  }

  @Test
  @DisplayName("all parameters of a group are updated by one call, without further kernels")
  void oneCall() {
    List<Tensor> parameters = parameters(DType.FLOAT32, 5);
    giveGradients(parameters);
    Adam.Options amsgrad = Adam.Options.DEFAULT.withAmsgrad(true).withMaximize(true);
    SGD sgd = new SGD(parameters, MOMENTUM.withMaximize(true).withWeightDecay(.1));
    Adam adam = new Adam(parameters, amsgrad);
    AdamW adamW = new AdamW(parameters, AdamW.DEFAULT);
    for (int step = 0; step < 2; step++) {
      assertEquals(1, calls(sgd, "sgdStep"));
      assertEquals(1, calls(adam, "adamStep"));
      assertEquals(1, calls(adamW, "adamStep"));
      assertEquals(0, counting.calls("unary") + counting.calls("binary"));
    }
  }

  @Test
  @DisplayName("types, groups and first steps are told apart; what has no gradient is left out")
  void severalCalls() {
    List<Tensor> floats = parameters(DType.FLOAT32, 3);
    List<Tensor> doubles = parameters(DType.FLOAT64, 2);
    List<Tensor> both = new ArrayList<>();
    both.add(floats.get(0));
    both.add(doubles.get(0));
    both.add(floats.get(1));
    SGD sgd =
        new SGD(
            MOMENTUM,
            List.of(
                ParamGroup.of(both),
                ParamGroup.of(List.of(floats.get(2), doubles.get(1)), o -> o.withLr(.5))));
    giveGradients(List.of(floats.get(0), doubles.get(0)));
    assertEquals(2, calls(sgd, "sgdStep")); // a type each
    values(floats.get(0), -.25, -1.25);
    values(floats.get(1), 1, -1);
    giveGradients(List.of(floats.get(1), floats.get(2)));
    assertEquals(4, calls(sgd, "sgdStep")); // the first step of two, in two groups
    values(floats.get(0), -.625, -1.625); // 1.5 times
    values(floats.get(1), .75, -1.25);
    values(floats.get(2), 1.5, -1.5);
    values(doubles.get(0), -.625, -1.625);
    values(doubles.get(1), 1, -1);
    assertEquals(3, calls(sgd, "sgdStep"));
  }

  @Test
  @DisplayName("Adam counts the steps of each parameter by itself")
  void stepsOfEach() {
    List<Tensor> parameters = parameters(DType.FLOAT64, 2);
    Adam adam = new Adam(parameters, Adam.Options.DEFAULT.withLr(.1));
    giveGradients(parameters.subList(0, 1));
    assertEquals(1, calls(adam, "adamStep"));
    giveGradients(parameters);
    assertEquals(2, calls(adam, "adamStep"));
    assertEquals(2L, adam.stateDict().state().get(0).get("step"));
    assertEquals(1L, adam.stateDict().state().get(1).get("step"));
    values(parameters.get(1), 1 - .1 / (1 + 1e-8), -1 - .1 / (1 + 1e-8));
  }
}
