// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.InPlaceTape;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writing into a tensor. Each call raises the version that saved tensors are checked against.
 * Formulas are those of the operations that return new tensors; where no graph is recorded the
 * commonest write without a new buffer.
 */
public final class InPlace {
  private InPlace() {}

  /** Constant values; the ones before get a gradient of 0. */
  public static Tensor fill(Tensor target, double value) {
    if (InPlaceTape.records("fill_", target)) {
      return InPlaceTape.rewrite(target, x -> filled(x, value));
    }
    target.backend().fill(target.buffer(), value);
    return target.written();
  }

  private static Tensor filled(Tensor x, double value) {
    return Tape.record(
        "Fill",
        Tensor.zerosLike(x).fill_(value),
        new Tensor[] {x},
        saver -> (g, needs) -> grads(Tensor.zerosLike(g)));
  }

  /** {@code target ← source}, converting, also from another device; the source stretches to it. */
  public static Tensor copy(Tensor target, Tensor source) {
    boolean recorded = InPlaceTape.records("copy_", target, source);
    stretching("copy_", target, source);
    if (recorded) {
      return InPlaceTape.rewrite(target, x -> copied(x, source));
    }
    copyValues(target, source);
    return target.written();
  }

  private static Tensor copied(Tensor x, Tensor source) {
    Tensor y = Tensor.zerosLike(x);
    copyValues(y, source);
    Backend from = source.backend();
    return Tape.record(
        "Copy",
        y,
        new Tensor[] {x, source},
        saver ->
            (g, needs) ->
                grads(
                    needs.input(0) ? Tensor.zerosLike(g) : null,
                    needs.input(1) ? g.to(from) : null));
  }

  private static void copyValues(Tensor target, Tensor source) {
    Tensor s = source.detach().to(target.dtype()).to(target.backend());
    Layout from = new Layout(0, Broadcasting.strides(s.shape(), target.shape()));
    Layout dense = new Layout(0, target.shape().strides());
    target.backend().copy(target.shape(), s.buffer(), from, target.buffer(), dense);
  }

  /** {@code target ← target + alpha·x}. */
  public static Tensor add(Tensor target, Tensor x, double alpha) {
    String op = "add_";
    boolean recorded = InPlaceTape.records(op, target, x);
    operand(op, target, x);
    if (recorded || !target.shape().equals(x.shape()) || target.dtype() != x.dtype()) {
      return write(recorded, target, t -> t.add(x, alpha).to(t.dtype()));
    }
    target.backend().axpy(alpha, x.buffer(), target.buffer());
    return target.written();
  }

  /** {@code target ← target + c}. */
  public static Tensor add(Tensor target, double c) {
    return unary("add_", target, UnaryKernel.SHIFT, c, t -> t.add(c));
  }

  /** {@code target ← target·x}. */
  public static Tensor mul(Tensor target, Tensor x) {
    return binary("mul_", BinaryKernel.MUL, target, x, t -> t.mul(x));
  }

  /** {@code target ← factor·target}. */
  public static Tensor mul(Tensor target, double factor) {
    return unary("mul_", target, UnaryKernel.SCALE, factor, t -> t.mul(factor));
  }

  /** {@code target ← target/x}. */
  public static Tensor div(Tensor target, Tensor x) {
    return binary("div_", BinaryKernel.DIV, target, x, t -> t.div(x));
  }

  /** {@code target ← target/c}. */
  public static Tensor div(Tensor target, double c) {
    Kernels.floating("div_", target);
    return write(InPlaceTape.records("div_", target), target, t -> t.div(c));
  }

  public static Tensor clamp(Tensor target, double min, double max) {
    Kernels.floating("clamp_", target);
    return write(InPlaceTape.records("clamp_", target), target, t -> t.clamp(min, max));
  }

  public static Tensor relu(Tensor target) {
    return unary("relu_", target, UnaryKernel.RELU, 0, Tensor::relu);
  }

  public static Tensor exp(Tensor target) {
    return unary("exp_", target, UnaryKernel.EXP, 0, Tensor::exp);
  }

  /** {@code value} where the mask holds. */
  public static Tensor maskedFill(Tensor target, Tensor mask, double value) {
    boolean recorded = InPlaceTape.records("masked_fill_", target);
    return write(recorded, target, t -> t.maskedFill(mask, value));
  }

  /** {@code target[indices] ← values}; the last of several wins. */
  public static Tensor indexPut(
      Tensor target, List<? extends @Nullable Tensor> indices, Tensor values) {
    boolean recorded = InPlaceTape.records("index_put_", target, values);
    return write(recorded, target, t -> Index.put(t, indices, values, false));
  }

  /** The same with one value for all places. */
  public static Tensor indexPut(
      Tensor target, List<? extends @Nullable Tensor> indices, double value) {
    return indexPut(target, indices, Kernels.scalar(target, value));
  }

  private static Tensor unary(
      String op, Tensor target, UnaryKernel kernel, double p, UnaryOperator<Tensor> operation) {
    Kernels.floating(op, target);
    if (InPlaceTape.records(op, target)) {
      return InPlaceTape.rewrite(target, operation);
    }
    target.backend().unary(kernel, p, target.buffer(), target.buffer());
    return target.written();
  }

  private static Tensor binary(
      String op, BinaryKernel kernel, Tensor target, Tensor x, UnaryOperator<Tensor> operation) {
    boolean recorded = InPlaceTape.records(op, target, x);
    operand(op, target, x);
    if (recorded || target.dtype() != x.dtype()) {
      return write(recorded, target, t -> operation.apply(t).to(t.dtype()));
    }
    Buffer y = target.buffer();
    target.backend().binary(kernel, y, target.shape(), x.buffer(), x.shape(), y, target.shape());
    return target.written();
  }

  private static Tensor write(boolean recorded, Tensor target, UnaryOperator<Tensor> operation) {
    if (recorded) {
      return InPlaceTape.rewrite(target, operation);
    }
    try (var mode = GradMode.noGrad()) {
      copyValues(target, operation.apply(target.detach()));
    }
    return target.written();
  }

  private static void operand(String op, Tensor target, Tensor x) {
    stretching(op, target, x);
    Kernels.sameDevice(op, target, x);
    if (!target.dtype().isFloatingPoint() && x.dtype().isFloatingPoint()) {
      throw new AutogradException(
          "%s: result type %s can't be cast to the desired output type %s; convert the target with to(%s)"
              .formatted(op, x.dtype(), target.dtype(), x.dtype()));
    }
    Kernels.floating(op, target);
  }

  private static void stretching(String op, Tensor target, Tensor x) {
    if (!Broadcasting.stretches(x.shape(), target.shape())) {
      throw new ShapeMismatchException(
          "%s: expected a tensor that stretches to shape %s, got %s"
              .formatted(op, target.shape(), x.shape()));
    }
  }
}
