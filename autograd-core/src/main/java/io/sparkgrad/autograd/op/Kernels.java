// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;

/** Calls of elementwise kernels with fresh results and the checks they share; records nothing. */
final class Kernels {
  private Kernels() {}

  static Tensor unary(String op, UnaryKernel kernel, double p, Tensor x) {
    floating(op, x);
    Tensor y = Tensor.zerosLike(x);
    x.backend().unary(kernel, p, x.buffer(), y.buffer());
    return y;
  }

  /** Operands of one type on one backend. */
  static Tensor binary(String op, BinaryKernel kernel, Tensor a, Tensor b) {
    together(op, a, b);
    Shape shape = Broadcasting.of(op, a.shape(), b.shape());
    Tensor y = Tensor.zeros(shape, a.dtype(), a.backend());
    a.backend().binary(kernel, a.buffer(), a.shape(), b.buffer(), b.shape(), y.buffer(), shape);
    return y;
  }

  /** A constant beside x: a scalar of its type on its backend. */
  static Tensor scalar(Tensor x, double c) {
    return Tensor.zeros(Shape.scalar(), x.dtype(), x.backend()).fill_(c);
  }

  static void floating(String op, Tensor x) {
    if (!x.dtype().isFloatingPoint()) {
      throw new AutogradException(
          "%s: expected a tensor of floating point dtype, got %s; convert with to(FLOAT32)"
              .formatted(op, x.dtype()));
    }
  }

  static void together(String op, Tensor a, Tensor b) {
    floating(op, a);
    alike(op, a, b);
  }

  /** As {@link #together}, of any type. */
  static void alike(String op, Tensor a, Tensor b) {
    if (a.dtype() != b.dtype()) {
      throw new AutogradException(
          "%s: expected tensors of one dtype, got %s and %s".formatted(op, a.dtype(), b.dtype()));
    }
    sameDevice(op, a, b);
  }

  static void sameDevice(String op, Tensor a, Tensor b) {
    if (a.backend() != b.backend()) {
      throw new AutogradException(
          "%s: expected all tensors on one device, got %s and %s; move one of them with to(...)"
              .formatted(op, a.backend().name(), b.backend().name()));
    }
  }

  /** The wider of two floating-point types; a scalar does not widen a tensor. */
  static DType promoted(Tensor a, Tensor b) {
    if (a.dtype() == b.dtype() || !a.dtype().isFloatingPoint() || !b.dtype().isFloatingPoint()) {
      return a.dtype().isFloatingPoint() ? a.dtype() : b.dtype();
    }
    if ((a.rank() == 0) != (b.rank() == 0)) {
      return a.rank() == 0 ? b.dtype() : a.dtype();
    }
    return DType.FLOAT64;
  }
}
