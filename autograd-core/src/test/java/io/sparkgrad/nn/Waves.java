// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Numbers that are the same in PyTorch: {@code sin(start + 0.7·i)} in FLOAT64. */
final class Waves {
  private Waves() {}

  static Tensor wave(double start, long... shape) {
    double[] values = new double[(int) Shape.of(shape).numel()];
    Arrays.setAll(values, i -> Math.sin(start + 0.7 * i));
    return Tensor.of(values).reshape(shape);
  }

  /** In FLOAT64, parameter j filled with half the wave from j on. */
  static <M extends Module> M filled(M module) {
    module.to(DType.FLOAT64);
    List<Parameter> parameters = module.parameters();
    try (var mode = GradMode.noGrad()) {
      for (int j = 0; j < parameters.size(); j++) {
        parameters.get(j).copy_(wave(j, parameters.get(j).shape().dims()).mul(0.5));
      }
    }
    return module;
  }

  /** First and second derivatives for the inputs and every parameter. */
  static void gradients(Module module, Function<List<Tensor>, Tensor> function, Tensor... inputs) {
    List<Tensor> all = new ArrayList<>(Arrays.asList(inputs));
    all.forEach(Tensor::requiresGrad_);
    assertFalse(module.parameters().isEmpty());
    all.addAll(module.parameters());
    allGradients(function, all.toArray(Tensor[]::new));
  }
}
