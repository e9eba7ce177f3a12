// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@link GradCheck#gradcheck}. A Jacobian is held as {@code [output element][input
 * element]}, for one output and one input at a time.
 */
final class JacobianCheck {
  private final Function<List<Tensor>, List<Tensor>> function;
  private final List<Tensor> inputs;
  private final GradCheck.Options options;

  JacobianCheck(
      Function<List<Tensor>, List<Tensor>> function,
      List<Tensor> inputs,
      GradCheck.Options options) {
    this.function = function;
    this.inputs = inputs;
    this.options = options;
  }

  /** Throws {@link GradCheckException} at the first gradient that is wrong. */
  void run() {
    List<Tensor> outputs = function.apply(inputs);
    for (int j = 0; j < inputs.size(); j++) {
      if (inputs.get(j).requiresGrad()) {
        List<double[][]> numerical = numerical(outputs, inputs.get(j));
        for (int i = 0; i < outputs.size(); i++) {
          compare(outputs.get(i), i, j, numerical.get(i));
        }
      }
    }
    GradCheck.differentiable(outputs).forEach(this::requireZeroForZero);
  }

  private void compare(Tensor output, int i, int j, double[][] numerical) {
    if (!output.requiresGrad()) {
      if (Arrays.stream(numerical).flatMapToDouble(Arrays::stream).anyMatch(d -> d != 0)) {
        throw new GradCheckException(
            "Numerical gradient for function expected to be zero: output %d does not require grad, but depends on input %d,\nnumerical: %s"
                .formatted(i, j, text(numerical)));
      }
      return;
    }
    double[][] analytical = analytical(output, inputs.get(j));
    if (!agree(analytical, numerical, options.atol(), options.rtol())) {
      throw new GradCheckException(
          "Jacobian mismatch for output %d with respect to input %d,\nnumerical: %s\nanalytical: %s"
              .formatted(i, j, text(numerical), text(analytical)));
    }
    if (!agree(analytical(output, inputs.get(j)), analytical, options.nondetTol(), 0)) {
      throw new GradCheckException(
          "Backward is not reentrant: two passes with the same gradient for output %d gave different gradients for input %d, nondetTol is %s."
              .formatted(i, j, options.nondetTol()));
    }
  }

  /** Central differences of all outputs, over the elements of one input. */
  private List<double[][]> numerical(List<Tensor> outputs, Tensor input) {
    double[] values = input.toDoubleArray();
    List<double[][]> jacobians = new ArrayList<>();
    for (Tensor output : outputs) {
      jacobians.add(new double[Math.toIntExact(output.numel())][values.length]);
    }
    try {
      for (int k = 0; k < values.length; k++) {
        List<double[]> above = at(input, values, k, options.eps(), outputs);
        List<double[]> below = at(input, values, k, -options.eps(), outputs);
        for (int i = 0; i < outputs.size(); i++) {
          double[][] jacobian = jacobians.get(i);
          for (int row = 0; row < jacobian.length; row++) {
            jacobian[row][k] = (above.get(i)[row] - below.get(i)[row]) / (2 * options.eps());
          }
        }
      }
    } finally {
      input.backend().upload(values, input.buffer());
    }
    return jacobians;
  }

  private List<double[]> at(
      Tensor input, double[] values, int element, double step, List<Tensor> expected) {
    double[] moved = values.clone();
    moved[element] += step;
    // The version stays: the values come back before anything that saved them is asked for them.
    input.backend().upload(moved, input.buffer());
    List<Tensor> outputs = function.apply(inputs);
    for (int i = 0; i < expected.size(); i++) {
      Tensor before = expected.get(i);
      if (i >= outputs.size()
          || !outputs.get(i).shape().equals(before.shape())
          || outputs.get(i).dtype() != before.dtype()) {
        throw new GradCheckException(
            "Output %d changed its shape or dtype when an input was perturbed: expected %s %s, got %s"
                .formatted(
                    i,
                    before.shape(),
                    before.dtype(),
                    i >= outputs.size()
                        ? "nothing"
                        : outputs.get(i).shape() + " " + outputs.get(i).dtype()));
      }
    }
    return outputs.stream().map(Tensor::toDoubleArray).toList();
  }

  /** One backward pass per element of the output. */
  private static double[][] analytical(Tensor output, Tensor input) {
    int rows = Math.toIntExact(output.numel());
    double[][] jacobian = new double[rows][];
    for (int row = 0; row < rows; row++) {
      double[] unit = new double[rows];
      unit[row] = 1;
      Tensor seed = Tensor.zerosLike(output);
      seed.backend().upload(unit, seed.buffer());
      jacobian[row] = GradCheck.values(gradient(output, input, seed), input);
    }
    return jacobian;
  }

  private static @Nullable Tensor gradient(Tensor output, Tensor input, Tensor seed) {
    return Autograd.grad(
            List.of(output),
            List.of(input),
            List.of(seed),
            Autograd.Options.DEFAULT.withRetainGraph(true).withAllowUnused(true))
        .get(0);
  }

  private void requireZeroForZero(Tensor output) {
    for (Tensor input : GradCheck.differentiable(inputs)) {
      Tensor gradient = gradient(output, input, Tensor.zerosLike(output));
      if (Arrays.stream(GradCheck.values(gradient, input)).anyMatch(d -> d != 0)) {
        throw new GradCheckException(
            "backward not multiplied by grad_output: a gradient of zeros for the output gave "
                + gradient);
      }
    }
  }

  private static boolean agree(double[][] actual, double[][] expected, double atol, double rtol) {
    for (int row = 0; row < expected.length; row++) {
      for (int k = 0; k < expected[row].length; k++) {
        double e = expected[row][k];
        // Written so that NaN on one side only is a difference.
        boolean same = Math.abs(actual[row][k] - e) <= atol + rtol * Math.abs(e);
        if (!same && Double.compare(actual[row][k], e) != 0) {
          return false;
        }
      }
    }
    return true;
  }

  private static String text(double[][] jacobian) {
    return Arrays.stream(jacobian)
        .map(
            row ->
                Arrays.stream(row)
                    .mapToObj(v -> String.format(Locale.ROOT, "%.6g", v))
                    .collect(Collectors.joining(", ", "[", "]")))
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
