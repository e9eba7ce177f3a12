// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each activation with its default arguments, and as it prints; formulas: the operations' tests.
 */
class ActivationsTest {
  static Stream<Arguments> activations() {
    return Stream.of(
        of(new LeakyReLU(), "LeakyReLU(negative_slope=0.01)", -0.01, 0, 2),
        of(new ELU(), "ELU(alpha=1.0)", -0.6321205588285577, 0, 2),
        of(new GELU(), "GELU(approximate=none)", -0.15865525393145702, 0, 1.9544997361036416),
        of(new GELU("tanh"), "GELU(approximate=tanh)", -0.15880800939172324, 0, 1.954597694087775),
        of(new SiLU(), "SiLU()", -0.2689414213699951, 0, 1.7615941559557646),
        of(
            new Softplus(),
            "Softplus(beta=1.0, threshold=20.0)",
            0.31326168751822286,
            0.6931471805599453,
            2.1269280110429727),
        of(new Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)", -1, 0, 1),
        of(new Hardsigmoid(), "Hardsigmoid()", 1 / 3.0, .5, 5 / 6.0),
        of(new Hardswish(), "Hardswish()", -1 / 3.0, 0, 5 / 3.0),
        of(new ReLU6(), "ReLU6()", 0, 0, 2),
        of(
            new LogSigmoid(),
            "LogSigmoid()",
            -1.3132616875182228,
            -0.6931471805599453,
            -0.1269280110429725),
        of(
            new Softmax(0),
            "Softmax(dim=0)",
            0.04201006613406605,
            0.11419519938459449,
            0.8437947344813395),
        of(
            new LogSoftmax(-1),
            "LogSoftmax(dim=-1)",
            -3.1698460195562856,
            -2.1698460195562856,
            -0.16984601955628567));
  }

  private static Arguments of(Module module, String text, double... values) {
    return Arguments.of(module, text, values);
  }

  @ParameterizedTest
  @MethodSource("activations")
  @DisplayName("O13: activations at [−1, 0, 2]")
  void valuesAreRight(Module module, String text, double[] expected) {
    values(module.forward(v(-1, 0, 2)), expected);
    assertEquals(text, module.toString());
  }
}
