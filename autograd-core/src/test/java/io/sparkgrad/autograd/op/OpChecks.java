// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradCheck;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the test of an operation is written with: three lines for each property. */
public final class OpChecks {
  private OpChecks() {}

  /** Runs for each awkward shape: scalar, one element, size-1 axes, odd sizes, empty. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @MethodSource("io.sparkgrad.autograd.op.OpChecks#shapes")
  public @interface EachShape {}

  /** Runs for each pair of shapes that broadcast, in both directions. */
  @Target(ElementType.METHOD)
  @Retention(RetentionPolicy.RUNTIME)
  @ParameterizedTest
  @MethodSource("io.sparkgrad.autograd.op.OpChecks#pairs")
  public @interface EachPair {}

  static Stream<Shape> shapes() {
    return Stream.of(
        Shape.scalar(), Shape.of(1), Shape.of(7), Shape.of(2, 1, 3), Shape.of(0), Shape.of(0, 3));
  }

  static Stream<Arguments> pairs() {
    return Stream.of(
            new Shape[] {Shape.scalar(), Shape.scalar()},
            new Shape[] {Shape.of(1), Shape.of(1)},
            new Shape[] {Shape.of(3), Shape.of(3)},
            new Shape[] {Shape.scalar(), Shape.of(2, 2)},
            new Shape[] {Shape.of(3), Shape.of(2, 3)},
            new Shape[] {Shape.of(2, 1), Shape.of(1, 3)},
            new Shape[] {Shape.of(2, 1, 3), Shape.of(4, 1)},
            new Shape[] {Shape.of(1, 3, 1), Shape.of(2, 3, 2)},
            new Shape[] {Shape.of(0, 3), Shape.of(3)},
            new Shape[] {Shape.of(4, 0), Shape.of(4, 1)})
        .flatMap(p -> Stream.of(Arguments.of(p[0], p[1]), Arguments.of(p[1], p[0])));
  }

  /** FLOAT64 values; without a shape a vector. */
  public static Tensor t(double[] values, long... dims) {
    return Tensor.of(values, dims);
  }

  /** A FLOAT64 vector. */
  public static Tensor v(double... values) {
    return Tensor.of(values);
  }

  /** 0, 1, 2, … in this shape. */
  public static Tensor arange(long... dims) {
    double[] values = new double[(int) Shape.of(dims).numel()];
    Arrays.setAll(values, i -> i);
    return Tensor.of(values).reshape(dims);
  }

  /** A leaf of values in ±[0.3, 2): away from kinks and poles at 0. */
  public static Tensor random(long seed, Shape shape) {
    Generator g = new Generator(seed);
    return leaf(shape, () -> (g.nextDouble() < 0.5 ? -1 : 1) * (0.3 + 1.7 * g.nextDouble()));
  }

  public static Tensor random(long seed, long... dims) {
    return random(seed, Shape.of(dims));
  }

  /** A leaf of values in [0.5, 2). */
  public static Tensor positive(long seed, Shape shape) {
    Generator g = new Generator(seed);
    return leaf(shape, () -> 0.5 + 1.5 * g.nextDouble());
  }

  /** A leaf of values that are all at least 0.1 apart, in random order. */
  public static Tensor distinct(long seed, long... dims) {
    int[] order = new Generator(seed).permutation((int) Shape.of(dims).numel());
    return t(Arrays.stream(order).mapToDouble(i -> 0.1 * i - 1).toArray())
        .reshape(dims)
        .requiresGrad_();
  }

  private static Tensor leaf(Shape shape, DoubleSupplier source) {
    double[] values = new double[(int) shape.numel()];
    Arrays.setAll(values, i -> source.getAsDouble());
    return Tensor.of(values).reshape(shape.dims()).requiresGrad_();
  }

  /** First and second derivatives for every input against differences. */
  public static void allGradients(Function<List<Tensor>, Tensor> function, Tensor... inputs) {
    assertTrue(GradCheck.gradcheck(in -> List.of(function.apply(in)), List.of(inputs)));
    assertTrue(GradCheck.gradgradcheck(in -> List.of(function.apply(in)), List.of(inputs)));
  }

  public static void gradients(UnaryOperator<Tensor> function, Tensor input) {
    allGradients(in -> function.apply(in.get(0)), input);
  }

  /** Equal to 1e-9, absolute and relative; NaN equals NaN. */
  public static void values(Tensor actual, double... expected) {
    double[] got = actual.toDoubleArray();
    assertEquals(expected.length, got.length, actual.toString());
    for (int i = 0; i < got.length; i++) {
      if (Double.compare(got[i], expected[i]) != 0) {
        assertEquals(
            expected[i], got[i], 1e-9 * (1 + Math.abs(expected[i])), "at " + i + ": " + actual);
      }
    }
  }

  /** {@link #values} and the shape. */
  public static void values(Tensor actual, Shape shape, double... expected) {
    assertEquals(shape, actual.shape());
    values(actual, expected);
  }

  /** The gradient that the leaf gets from backward with this gradient for the result. */
  public static Tensor gradient(UnaryOperator<Tensor> function, Tensor leaf, double... gradOutput) {
    Tensor y = function.apply(leaf);
    y.backward(t(gradOutput).reshape(y.shape().dims()));
    return leaf.grad();
  }

  public static void rejects(
      Class<? extends RuntimeException> type, String message, Executable call) {
    assertEquals(message, assertThrows(type, call).getMessage());
  }

  /** INP-6: the formula needs the result, so that writing into it is noticed in backward. */
  public static void savesResult(UnaryOperator<Tensor> function) {
    Tensor y = function.apply(v(1, 2).requiresGrad_());
    overwrite(y);
    var e = assertThrows(InplaceModificationException.class, () -> y.backward(v(1, 1)));
    assertTrue(e.getMessage().contains("modified by an inplace operation"), e.getMessage());
  }

  /** INP-6: the formula needs the input and nothing else. */
  public static void savesInput(UnaryOperator<Tensor> function) {
    Tensor x = v(1, 2).requiresGrad_().copy();
    Tensor first = function.apply(x);
    overwrite(first);
    first.backward(v(1, 1));
    Tensor second = function.apply(x);
    overwrite(x);
    assertThrows(InplaceModificationException.class, () -> second.backward(v(1, 1)));
  }

  /** INP-6: neither input nor result may change the gradient. */
  public static void savesNothing(UnaryOperator<Tensor> function) {
    Tensor x = v(1, 2).requiresGrad_().copy();
    Tensor y = function.apply(x);
    overwrite(x);
    overwrite(y);
    y.backward(Tensor.onesLike(y));
    y.backward(Tensor.onesLike(y)); // and a second pass needs no retained graph
  }

  private static void overwrite(Tensor t) {
    try (var mode = GradMode.noGrad()) {
      t.fill_(5);
    }
  }

  static final String NOT_FLOATING =
      "%s: expected a tensor of floating point dtype, got INT64; convert with to(FLOAT32)";

  /** Integers are refused by name. */
  public static void rejectsIntegers(String op, UnaryOperator<Tensor> function) {
    rejects(
        io.sparkgrad.autograd.AutogradException.class,
        NOT_FLOATING.formatted(op),
        () -> function.apply(Tensor.of(new long[] {1, 2})));
  }
}
