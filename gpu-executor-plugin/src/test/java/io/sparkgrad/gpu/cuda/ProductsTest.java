// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.Rounding.operand;
import static io.sparkgrad.gpu.cuda.SideBySide.buffer;
import static io.sparkgrad.gpu.cuda.SideBySide.dirty;
import static io.sparkgrad.gpu.cuda.SideBySide.random;
import static io.sparkgrad.gpu.cuda.SideBySide.tolerance;
import static io.sparkgrad.gpu.cuda.SideBySide.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProductsTest {
  private static final EmulatedCudaDriver DRIVER = EmulatedGpu.driver(80);
  private static final Backend GPU = EmulatedGpu.backend(DRIVER);

  private final SideBySide both = new SideBySide(GPU);

  @ParameterizedTest(name = "{4}: {0} of [{1}, {3}] by [{3}, {2}]")
  @CsvSource({
    "1, 128, 512, 32, FP32", // large tiles, all packed
    "1, 257, 389, 21, FP32", // with a tail on each side
    "5, 70, 66, 40, FP32",
    "1, 128, 256, 20, FP32", // small tiles
    "2, 5, 7, 1003, FP32", // few rows, split
    "1, 128, 512, 32, TF32",
    "1, 257, 389, 21, TF32",
    "1, 64, 64, 777, TF32",
    "1, 128, 512, 64, BF16",
    "1, 257, 389, 45, BF16",
    "3, 9, 70, 515, BF16"
  })
  void agreesWithJava(int batch, int m, int n, int k, MatmulPrecision precision) {
    try (var scope = MatmulPrecision.set(precision)) {
      for (int flags = 0; flags < 4; flags++) {
        var g =
            new MatmulGeometry(
                batch, m, n, k, (flags & 1) != 0, (flags & 2) != 0, flags == 1, flags == 2);
        product(g, DType.FLOAT32, precision);
        if (precision == MatmulPrecision.FP32) {
          product(g, DType.FLOAT64, precision);
        }
      }
    }
  }

  private void product(MatmulGeometry g, DType dtype, MatmulPrecision precision) {
    both.agree(
        dtype + " " + g,
        tolerance(dtype),
        backend -> {
          int as = g.repeatA() ? 1 : g.batch();
          int bs = g.repeatB() ? 1 : g.batch();
          Buffer a = operand(backend, dtype, precision, 1, as * g.m() * g.k());
          Buffer b = operand(backend, dtype, precision, 2, bs * g.k() * g.n());
          Buffer c = dirty(backend, dtype, g.batch() * g.m() * g.n());
          backend.matmul(g, a, b, c);
          return List.of(c);
        });
  }

  @ParameterizedTest(name = "{3}: [{0}, {1}] to [{0}, {2}]")
  @CsvSource({"130, 20, 300, FP32", "3, 900, 10, FP32", "130, 20, 300, TF32", "3, 900, 10, BF16"})
  void biasAndReluAreTheSameWithAndWithoutSplits(
      int rows, int in, int out, MatmulPrecision precision) {
    var g = new LinearGeometry(rows, in, out);
    try (var scope = MatmulPrecision.set(precision)) {
      both.agree(
          g.toString(),
          tolerance(DType.FLOAT32),
          backend -> {
            Buffer x = operand(backend, DType.FLOAT32, precision, 1, rows * in);
            Buffer weight = operand(backend, DType.FLOAT32, precision, 2, out * in);
            Buffer bias = random(backend, DType.FLOAT32, 3, out);
            Buffer y = dirty(backend, DType.FLOAT32, rows * out);
            backend.linear(g, x, weight, bias, true, y);
            return List.of(y);
          });
    }
  }

  /**
   * TF32 keeps 11 bits of each number and bf16 8, so each operand is off by at most half a unit of
   * the last of them: a product by 2⁻¹⁰ or 2⁻⁸ of itself, and a sum of products by that part of the
   * sum of their absolute values; sums in FP32 add 2⁻²⁴ per summand.
   */
  @ParameterizedTest
  @EnumSource
  void roundsByNoMoreThanTheMantissaImplies(MatmulPrecision precision) {
    double unit =
        switch (precision) {
          case FP32 -> 0;
          case TF32 -> 0x1p-10;
          case BF16 -> 0x1p-8;
        };
    int k = 200;
    var g = new MatmulGeometry(1, 40, 50, k, false, false, false, false);
    double[] a = random(1, 40 * k);
    double[] b = random(2, k * 50);
    Backend java = Backends.byName("java");
    double[] exact = product(java, DType.FLOAT64, g, a, b);
    double[] size = product(java, DType.FLOAT64, g, absolute(a), absolute(b));
    double[] actual;
    try (var scope = MatmulPrecision.set(precision)) {
      actual = product(GPU, DType.FLOAT32, g, a, b);
    }
    double worst = 0;
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], actual[i], size[i] * (unit * (1 + unit) + k * 0x1p-24), "at " + i);
      worst = Math.max(worst, Math.abs(exact[i] - actual[i]) / size[i]);
    }
    assertTrue(worst >= unit / 64, "operands were rounded: " + worst);
  }

  private static double[] absolute(double[] values) {
    return Arrays.stream(values).map(Math::abs).toArray();
  }

  private static double[] product(
      Backend backend, DType dtype, MatmulGeometry g, double[] a, double[] b) {
    Buffer c = dirty(backend, dtype, g.m() * g.n());
    backend.matmul(g, buffer(backend, dtype, a), buffer(backend, dtype, b), c);
    return values(c);
  }

  @Test
  void overflowAndNaNStay() {
    double[] a = {3e38, 1, Double.NaN, Double.POSITIVE_INFINITY};
    for (MatmulPrecision precision : MatmulPrecision.values()) {
      try (var scope = MatmulPrecision.set(precision)) {
        var g = new MatmulGeometry(1, 4, 1, 1, false, false, false, false);
        double[] c = product(GPU, DType.FLOAT32, g, a, new double[] {4});
        assertEquals(
            List.of(Double.POSITIVE_INFINITY, 4.0, Double.NaN, Double.POSITIVE_INFINITY),
            Arrays.stream(c).boxed().toList());
      }
    }
  }

  @AfterAll
  static void everyKernelRan() {
    Set<String> expected = new TreeSet<>();
    for (String transposes : List.of("nn", "nt", "tn", "tt")) {
      for (String kind :
          List.of(
              "64x128_%s_f32",
              "64x64_%s_f32",
              "32x64_%s_f32",
              "64x64_%s_f64",
              "128x128_%s_tf32_f32",
              "64x64_%s_tf32_f32",
              "128x128_%s_bf16_f32",
              "64x64_%s_bf16_f32")) {
        expected.add("gemm_" + kind.formatted(transposes));
      }
    }
    assertEquals(
        expected,
        DRIVER.counts().kernels().keySet().stream()
            .filter(name -> name.startsWith("gemm_"))
            .collect(Collectors.toCollection(TreeSet::new)));
  }
}
