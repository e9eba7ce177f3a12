// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Functions of each element. */
final class Elementwise {
  private Elementwise() {}

  static void unary(UnaryKernel kernel, double p, Buffer x, Buffer y) {
    if (x.dtype() == DType.FLOAT32 && FloatElementwise.unary(kernel, (float) p, x, y)) {
      return;
    }
    HeapBuffer in = HeapBuffer.of(x);
    HeapBuffer out = HeapBuffer.of(y);
    DoubleUnaryOperator f = function(kernel, p);
    for (int i = 0; i < in.size(); i++) {
      out.set(i, f.applyAsDouble(in.get(i)));
    }
  }

  private static DoubleUnaryOperator function(UnaryKernel kernel, double p) {
    return switch (kernel) {
      case SCALE -> x -> p * x;
      case SHIFT -> x -> x + p;
      case POW -> power(p);
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case SIGN -> x -> x > 0 ? 1 : x < 0 ? -1 : 0;
      case EXP -> Math::exp;
      case LOG -> Math::log;
      case SQRT -> Math::sqrt;
      case RELU -> x -> x > 0 || Double.isNaN(x) ? x : 0;
      // Either branch keeps the exponential below 1.
      case SIGMOID -> x -> x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
      case TANH -> Math::tanh;
      case FLOOR -> Math::floor;
      case ROUND -> Math::rint;
      case EXPM1 -> Math::expm1;
      case LOG1P -> Math::log1p;
      case SOFTPLUS -> x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      case SIN -> Math::sin;
      case COS -> Math::cos;
      case ERF -> ErrorFunction::of;
    };
  }

  private static DoubleUnaryOperator power(double p) {
    if (p == 2) {
      return x -> x * x;
    }
    return p == 1 ? x -> x : x -> power(x, p);
  }

  /** 1 to any power is 1, and -1 to an infinite one, as IEEE 754 has it and Java does not. */
  private static double power(double x, double p) {
    return x == 1 || (x == -1 && Double.isInfinite(p)) ? 1 : Math.pow(x, p);
  }

  static void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape) {
    if (yShape.numel() == 0) {
      return;
    }
    Periods periods = Periods.of(aShape, bShape, yShape);
    if (periods != null
        && a.dtype() == DType.FLOAT32
        && FloatElementwise.binary(kernel, a, b, y, periods)) {
      return;
    }
    HeapBuffer left = HeapBuffer.of(a);
    HeapBuffer right = HeapBuffer.of(b);
    HeapBuffer out = HeapBuffer.of(y);
    DoubleBinaryOperator f = function(kernel);
    StridedIndex index =
        new StridedIndex(
            yShape, Broadcasting.strides(aShape, yShape), Broadcasting.strides(bShape, yShape));
    for (int i = 0; i < out.size(); i++) {
      out.set(i, f.applyAsDouble(left.get(index.first()), right.get(index.second())));
      index.advance();
    }
  }

  private static DoubleBinaryOperator function(BinaryKernel kernel) {
    return switch (kernel) {
      case ADD -> Double::sum;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> a / b;
      case MAXIMUM -> Math::max;
      case MINIMUM -> Math::min;
      case GT -> (a, b) -> a > b ? 1 : 0;
      case EQ -> (a, b) -> a == b ? 1 : 0;
      case GE -> (a, b) -> a >= b ? 1 : 0;
      case MASK -> (a, b) -> b != 0 ? a : 0;
      case POW -> Elementwise::power;
      case ATAN2 -> Math::atan2;
    };
  }

  static void reluGradient(Buffer y, Buffer g, Buffer gx) {
    if (y.dtype() == DType.FLOAT32) {
      float[] result = HeapBuffer.floats(y);
      float[] in = HeapBuffer.floats(g);
      float[] out = HeapBuffer.floats(gx);
      for (int i = 0; i < out.length; i++) {
        out[i] = result[i] <= 0 ? 0f : in[i];
      }
    } else {
      double[] result = HeapBuffer.doubles(y);
      double[] in = HeapBuffer.doubles(g);
      double[] out = HeapBuffer.doubles(gx);
      for (int i = 0; i < out.length; i++) {
        out[i] = result[i] <= 0 ? 0 : in[i];
      }
    }
  }

  static void axpy(double alpha, Buffer x, Buffer y) {
    if (x.dtype() == DType.FLOAT32) {
      float[] in = HeapBuffer.floats(x);
      float[] out = HeapBuffer.floats(y);
      float factor = (float) alpha;
      for (int i = 0; i < in.length; i++) {
        out[i] += factor * in[i];
      }
    } else {
      double[] in = HeapBuffer.doubles(x);
      double[] out = HeapBuffer.doubles(y);
      for (int i = 0; i < in.length; i++) {
        out[i] += alpha * in[i];
      }
    }
  }
}
