// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions of each element, with broadcasting, in place and not. */
interface ElementwiseContract extends BackendContract {
  List<Integer> LENGTHS = List.of(0, 1, 3, 17, 1000, 4099);

  static double unary(UnaryKernel kernel, double p, double x) {
    return switch (kernel) {
      case SCALE -> p * x;
      case SHIFT -> x + p;
      case POW -> power(x, p);
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case SIGN -> x > 0 ? 1 : x < 0 ? -1 : 0;
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RELU -> Double.isNaN(x) ? x : Math.max(x, 0);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
      case FLOOR -> Math.floor(x);
      case ROUND -> Math.rint(x);
      case EXPM1 -> Math.expm1(x);
      case LOG1P -> Math.log1p(x);
      case SOFTPLUS -> x > 40 ? x : Math.log1p(Math.exp(x));
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
      case ERF -> erf(x);
    };
  }

  /** The alternating series where it is exact enough; the contract's other values are saturated. */
  static double erf(double x) {
    if (Math.abs(x) > 2) {
      return Math.signum(x);
    }
    double sum = 0;
    double power = x; // (-1)ⁿ x²ⁿ⁺¹ / n!
    for (int n = 0; n < 60; n++) {
      sum += power / (2 * n + 1);
      power *= -x * x / (n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  static double binary(BinaryKernel kernel, double a, double b) {
    return switch (kernel) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
      case GT -> a > b ? 1 : 0;
      case EQ -> a == b ? 1 : 0;
      case GE -> a >= b ? 1 : 0;
      case MASK -> b == 0 ? 0 : a;
      case POW -> power(a, b);
      case ATAN2 -> Math.atan2(a, b);
    };
  }

  /** As IEEE 754 and C have it: 1 to any power, and -1 to an infinite one, is 1; Java says NaN. */
  private static double power(double x, double p) {
    return x == 1 || (x == -1 && Double.isInfinite(p)) ? 1 : Math.pow(x, p);
  }

  @ParameterizedTest
  @EnumSource(UnaryKernel.class)
  default void unary(UnaryKernel kernel) {
    for (DType dtype : types()) {
      for (int length : LENGTHS) {
        for (double p :
            kernel == UnaryKernel.POW ? new double[] {0, 1, 2, 3} : new double[] {0.5}) {
          double[] x = random(1, length);
          double[] expected = Arrays.stream(x).map(v -> unary(kernel, p, v)).toArray();
          String what = kernel + " " + p + " of " + length;
          Buffer y = dirty(dtype, length);
          backend().unary(kernel, p, buffer(dtype, x), y);
          assertClose(what, 1, expected, y);
          Buffer inPlace = buffer(dtype, x);
          backend().unary(kernel, p, inPlace, inPlace);
          assertClose(what + " in place", 1, expected, inPlace);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(UnaryKernel.class)
  default void unaryOfSpecialValues(UnaryKernel kernel) {
    double[] x = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, 1, -1, 80, -80, 1e4, -1e4
    };
    for (DType dtype : types()) {
      double[] expected = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        double y = unary(kernel, 0.5, x[i]);
        expected[i] = dtype == DType.FLOAT32 ? (float) y : y;
      }
      Buffer y = dirty(dtype, x.length);
      backend().unary(kernel, 0.5, buffer(dtype, x), y);
      // The exponent of eˣ magnifies the rounding of x by x.
      assertClose(kernel.toString(), 80, expected, y);
    }
  }

  static Stream<Arguments> broadcasts() {
    return Stream.of(
            new Shape[] {Shape.scalar(), Shape.scalar()},
            new Shape[] {Shape.of(4099), Shape.of(4099)},
            new Shape[] {Shape.of(5, 7), Shape.scalar()},
            new Shape[] {Shape.of(5, 7), Shape.of(7)},
            new Shape[] {Shape.of(2, 3, 4, 5), Shape.of(3, 1, 1)},
            new Shape[] {Shape.of(2, 3, 4), Shape.of(2, 1, 1)},
            new Shape[] {Shape.of(2, 3, 4), Shape.of(2, 1, 4)},
            new Shape[] {Shape.of(5, 1), Shape.of(1, 3)},
            new Shape[] {Shape.of(2, 1, 3), Shape.of(4, 1)},
            new Shape[] {Shape.of(1, 1, 6), Shape.of(6)},
            new Shape[] {Shape.of(0, 3), Shape.of(3)},
            new Shape[] {Shape.of(4, 0), Shape.of(4, 1)})
        .flatMap(p -> Stream.of(Arguments.of(p[0], p[1]), Arguments.of(p[1], p[0])));
  }

  /** Naive broadcasting: the operand's element for position n of the result. */
  static int position(Shape operand, Shape result, int n) {
    int position = 0;
    int step = 1;
    int rest = n;
    for (int i = 1; i <= result.rank(); i++) {
      int at = rest % (int) result.size(-i);
      rest /= (int) result.size(-i);
      if (i <= operand.rank()) {
        position += operand.size(-i) == 1 ? 0 : at * step;
        step *= (int) operand.size(-i);
      }
    }
    return position;
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.ElementwiseContract#broadcasts")
  default void binary(Shape left, Shape right) {
    Shape shape = Broadcasting.of("test", left, right);
    double[] a = random(1, (int) left.numel());
    double[] b = random(2, (int) right.numel());
    if (b.length > 0 && a.length > 0) {
      b[0] = a[0]; // so that EQ and GT see equal values
    }
    for (DType dtype : types()) {
      for (BinaryKernel kernel : BinaryKernel.values()) {
        double[] expected = new double[(int) shape.numel()];
        for (int i = 0; i < expected.length; i++) {
          expected[i] = binary(kernel, a[position(left, shape, i)], b[position(right, shape, i)]);
        }
        String what = kernel + " " + left + " " + right;
        Buffer y = dirty(dtype, expected.length);
        backend().binary(kernel, buffer(dtype, a), left, buffer(dtype, b), right, y, shape);
        assertClose(what, 1, expected, y);
        if (left.equals(shape)) {
          Buffer inPlace = buffer(dtype, a);
          backend().binary(kernel, inPlace, left, buffer(dtype, b), right, inPlace, shape);
          assertClose(what + " in place", 1, expected, inPlace);
        }
        if (right.equals(shape)) {
          Buffer inPlace = buffer(dtype, b);
          backend().binary(kernel, buffer(dtype, a), left, inPlace, right, inPlace, shape);
          assertClose(what + " in place on the right", 1, expected, inPlace);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BinaryKernel.class)
  default void binaryOfSpecialValues(BinaryKernel kernel) {
    double[] a = {Double.NaN, 1, Double.NaN, Double.POSITIVE_INFINITY, 0, 1, Double.NaN};
    double[] b = {1, Double.NaN, Double.NaN, Double.POSITIVE_INFINITY, 0, 0, 0};
    double[] expected = new double[a.length];
    Arrays.setAll(expected, i -> binary(kernel, a[i], b[i]));
    Shape shape = Shape.of(a.length);
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, a.length);
      backend().binary(kernel, buffer(dtype, a), shape, buffer(dtype, b), shape, y, shape);
      assertClose(kernel.toString(), 1, expected, y);
    }
  }

  @Test
  default void errorFunction() { // digits of a table
    double[] x = {0, 1e-9, 0.5, 1, -1, 2.5, 3.9, 5, 6, -6, 30};
    double[] erf = {
      0,
      1.1283791670955127e-9,
      0.5204998778130465,
      0.8427007929497149,
      -0.8427007929497149,
      0.9995930479825550,
      0.9999999652077514,
      0.9999999999984626,
      1,
      -1,
      1
    };
    for (DType dtype : types()) {
      Buffer y = dirty(dtype, x.length);
      backend().unary(UnaryKernel.ERF, 0, buffer(dtype, x), y);
      assertClose("erf", 1, erf, y);
    }
  }

  @Test
  default void axpy() {
    for (DType dtype : types()) {
      for (int length : LENGTHS) {
        double[] x = random(1, length);
        double[] expected = random(2, length);
        Buffer y = buffer(dtype, expected);
        backend().axpy(-0.75, buffer(dtype, x), y);
        for (int i = 0; i < length; i++) {
          expected[i] += -0.75 * x[i];
        }
        assertClose("axpy " + length, 1, expected, y);
      }
    }
  }

  @Test
  default void reluGradient() {
    for (DType dtype : types()) {
      for (int length : LENGTHS) {
        double[] y = random(1, length);
        double[] g = random(2, length);
        double[] expected = new double[length];
        for (int i = 0; i < length; i++) {
          y[i] = i % 3 == 0 ? 0 : y[i];
          expected[i] = y[i] > 0 ? g[i] : 0;
        }
        Buffer gx = dirty(dtype, length);
        backend().reluGradient(buffer(dtype, y), buffer(dtype, g), gx);
        assertClose("relu gradient", 1, expected, gx);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "77", "40000"})
  default void gelu(int length) {
    double[] x = Arrays.stream(random(1, length)).map(v -> 8 * v).toArray();
    double[] g = random(2, length);
    for (GeluKernel kernel : GeluKernel.values()) {
      double[] expected = Arrays.stream(x).map(v -> v * cdf(kernel, v)).toArray();
      double[] gradient = new double[length];
      double h = 1e-5;
      for (int i = 0; i < length; i++) {
        double up = (x[i] + h) * cdf(kernel, x[i] + h);
        double down = (x[i] - h) * cdf(kernel, x[i] - h);
        gradient[i] = g[i] * (up - down) / (2 * h);
      }
      for (DType dtype : types()) {
        Buffer y = dirty(dtype, length);
        backend().gelu(kernel, buffer(dtype, x), y);
        assertArrayEquals(expected, read(y), 2e-6, kernel + " " + dtype);
        Buffer gx = dirty(dtype, length);
        backend().geluGradient(kernel, buffer(dtype, x), buffer(dtype, g), gx);
        assertArrayEquals(gradient, read(gx), 2e-6, kernel + " gradient " + dtype);
      }
    }
  }

  /** By integrating the density with Simpson's rule where it has no closed form. */
  private static double cdf(GeluKernel kernel, double x) {
    if (kernel == GeluKernel.TANH) {
      return 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }
    int steps = 200;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double at = x * i / steps;
      double weight = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
      sum += weight * Math.exp(-0.5 * at * at);
    }
    return 0.5 + sum * x / (3 * steps) / Math.sqrt(2 * Math.PI);
  }

  @Test
  default void geluOfSpecialNumbers() {
    double inf = Double.POSITIVE_INFINITY;
    double[] x = {Double.NaN, inf, -inf, 0, -0.0, 100, -100};
    double[] y = {Double.NaN, inf, Double.NaN, 0, -0.0, 100, -0.0};
    double[] slope = {Double.NaN, Double.NaN, Double.NaN, 0.5, 0.5, 1, 0};
    for (GeluKernel kernel : GeluKernel.values()) {
      for (DType dtype : types()) {
        for (int others : new int[] {0, 3000}) {
          Buffer result = dirty(dtype, x.length + others);
          Buffer in = buffer(dtype, Arrays.copyOf(x, x.length + others));
          backend().gelu(kernel, in, result);
          assertArrayEquals(y, Arrays.copyOf(read(result), x.length), kernel + " " + dtype);
          Buffer ones = dirty(dtype, x.length + others);
          backend().fill(ones, 1);
          backend().geluGradient(kernel, in, ones, result);
          assertArrayEquals(slope, Arrays.copyOf(read(result), x.length), kernel + " " + dtype);
        }
      }
    }
  }
}
