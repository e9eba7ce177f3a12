// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.positive;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompositionsTest {

  @Test
  void addAndSubWithAlpha() {
    values(v(1, 2).add(v(3, 4), 10), 31, 42);
    values(v(1, 2).sub(v(3, 4), 10), -29, -38);
    allGradients(in -> in.get(0).add(in.get(1), 3), random(1, 2, 1), random(2, 3));
    allGradients(in -> in.get(0).sub(in.get(1), 3), random(1, 2, 1), random(2, 3));
  }

  @Test
  void logarithms() {
    values(v(8, 0.5).log2(), 3, -1);
    values(v(1000, 0.1).log10(), 3, -1);
    values(gradient(Tensor::log2, v(2).requiresGrad_(), 1), 0.5 / Math.log(2));
    values(gradient(Tensor::log10, v(2).requiresGrad_(), 1), 0.5 / Math.log(10));
    gradients(Tensor::log2, positive(1, Shape.of(3)));
  }

  @Test
  void lerp() {
    values(v(1, 10).lerp(v(3, 20), 0.25), 1.5, 12.5);
    double third = 1.0 / 3;
    assertEquals(third, v(0.7).lerp(v(third), 1).item()); // exactly the end
    values(v(1, 10).lerp(v(3, 20), v(0.5, 1)), 2, 20);
    allGradients(in -> in.get(0).lerp(in.get(1), 0.3), random(1, 2, 1), random(2, 3));
    allGradients(in -> in.get(0).lerp(in.get(1), 0.8), random(1, 2, 1), random(2, 3));
    allGradients(
        in -> in.get(0).lerp(in.get(1), in.get(2)), random(1, 2, 1), random(2, 3), random(3, 1));
  }

  private static final Map<String, UnaryOperator<Tensor>> FUNCTIONS =
      Map.ofEntries(
          Map.entry("reciprocal", Tensor::reciprocal),
          Map.entry("rsqrt", Tensor::rsqrt),
          Map.entry("pow", x -> x.pow(x)),
          Map.entry("base", x -> Tensor.pow(2, x)),
          Map.entry("maximum", x -> x.maximum(x.mul(2))),
          Map.entry("where", x -> Tensor.where(x.gt(x.mul(x)), x, x.mul(2))),
          Map.entry("abs", Tensor::abs),
          Map.entry("trunc", Tensor::trunc),
          Map.entry("expm1", Tensor::expm1),
          Map.entry("log1p", Tensor::log1p),
          Map.entry("log10", Tensor::log10),
          Map.entry("sin", Tensor::sin),
          Map.entry("cos", Tensor::cos),
          Map.entry("tan", Tensor::tan),
          Map.entry("erf", Tensor::erf),
          Map.entry("atan2", x -> x.atan2(x.mul(x))),
          Map.entry("clamp", x -> x.clamp(0.6, 1)),
          Map.entry("logsigmoid", Tensor::logSigmoid),
          Map.entry("leaky_relu", x -> x.leakyRelu(0.01)),
          Map.entry("elu", x -> x.elu(1)),
          Map.entry("gelu", Tensor::gelu),
          Map.entry("gelu_tanh", Tensor::geluTanh),
          Map.entry("silu", Tensor::silu),
          Map.entry("softplus", Tensor::softplus),
          Map.entry("hardtanh", x -> x.hardtanh(0, 1)),
          Map.entry("amax", Tensor::amax),
          Map.entry("max", x -> x.max(0).values()),
          Map.entry("prod", Tensor::prod),
          Map.entry("logsumexp", Tensor::logSumExp),
          Map.entry("norm", x -> x.norm(3)),
          Map.entry("std", Tensor::std),
          Map.entry("cumsum", x -> x.cumsum(0)),
          Map.entry("cumprod", x -> x.cumprod(0)));

  static Set<String> names() {
    return FUNCTIONS.keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  @DisplayName("RULE-2: FLOAT32 stays FLOAT32, in results and gradients")
  void types(String name) {
    UnaryOperator<Tensor> f = FUNCTIONS.get(name);
    Tensor x = Tensor.of(new float[] {0.25f, 0.75f, 1.5f}).requiresGrad_();
    Tensor wide = v(0.25, 0.75, 1.5).requiresGrad_();
    Tensor y = f.apply(x);
    assertEquals(DType.FLOAT32, y.dtype());
    y.sum().backward();
    f.apply(wide).sum().backward();
    assertEquals(DType.FLOAT32, x.grad().dtype());
    assertArrayEquals(f.apply(wide).toDoubleArray(), y.toDoubleArray(), 1e-5);
    assertArrayEquals(wide.grad().toDoubleArray(), x.grad().toDoubleArray(), 1e-5);
  }
}
