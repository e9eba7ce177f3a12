// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.autograd.op.Add;
import io.sparkgrad.autograd.op.Cast;
import io.sparkgrad.autograd.op.Clone;
import io.sparkgrad.autograd.op.Compare;
import io.sparkgrad.autograd.op.Div;
import io.sparkgrad.autograd.op.Exp;
import io.sparkgrad.autograd.op.Expand;
import io.sparkgrad.autograd.op.InPlace;
import io.sparkgrad.autograd.op.Log;
import io.sparkgrad.autograd.op.LogSoftmax;
import io.sparkgrad.autograd.op.MatMul;
import io.sparkgrad.autograd.op.Mul;
import io.sparkgrad.autograd.op.Neg;
import io.sparkgrad.autograd.op.Permute;
import io.sparkgrad.autograd.op.Pow;
import io.sparkgrad.autograd.op.Relu;
import io.sparkgrad.autograd.op.Reshape;
import io.sparkgrad.autograd.op.Sigmoid;
import io.sparkgrad.autograd.op.Slice;
import io.sparkgrad.autograd.op.Sqrt;
import io.sparkgrad.autograd.op.Sub;
import io.sparkgrad.autograd.op.Sum;
import io.sparkgrad.autograd.op.Tanh;
import io.sparkgrad.autograd.op.ToBackend;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What can be computed from a tensor, a line each: every method calls its operation in {@code
 * autograd.op}, where formula, shapes and errors are documented. With the classes it extends the
 * only part of {@code autograd} that names operations.
 */
public abstract sealed class TensorOperations extends IndexingOperations permits TensorGradients {
  public final Tensor add(Tensor other) {
    return Add.of(self(), other);
  }

  public final Tensor add(double other) {
    return Add.of(self(), other);
  }

  public final Tensor sub(Tensor other) {
    return Sub.of(self(), other);
  }

  public final Tensor mul(Tensor other) {
    return Mul.of(self(), other);
  }

  public final Tensor mul(double other) {
    return Mul.of(self(), other);
  }

  public final Tensor div(Tensor other) {
    return Div.of(self(), other);
  }

  public final Tensor div(double other) {
    return Div.of(self(), other);
  }

  public final Tensor neg() {
    return Neg.of(self());
  }

  public final Tensor pow(double exponent) {
    return Pow.of(self(), exponent);
  }

  public final Tensor square() {
    return Pow.of(self(), 2);
  }

  public final Tensor exp() {
    return Exp.of(self());
  }

  public final Tensor log() {
    return Log.of(self());
  }

  public final Tensor sqrt() {
    return Sqrt.of(self());
  }

  public final Tensor relu() {
    return Relu.of(self());
  }

  public final Tensor sigmoid() {
    return Sigmoid.of(self());
  }

  public final Tensor tanh() {
    return Tanh.of(self());
  }

  /** Sum over these axes, which disappear; without axes over all. */
  public final Tensor sum(int... axes) {
    return Sum.of(self(), false, axes);
  }

  public final Tensor sum(boolean keepDim, int... axes) {
    return Sum.of(self(), keepDim, axes);
  }

  /** Mean over these axes, which disappear; without axes over all. */
  public final Tensor mean(int... axes) {
    return mean(false, axes);
  }

  public final Tensor mean(boolean keepDim, int... axes) {
    Tensor total = sum(keepDim, axes);
    return total.mul((double) total.numel() / self().numel());
  }

  /** Sums over the axes that broadcasting stretched; {@code target} must stretch to this shape. */
  public final Tensor sumTo(Shape target) {
    if (self().shape().equals(target)) {
      return self();
    }
    boolean[] stretched = Broadcasting.stretchedAxes(target, self().shape());
    int[] axes = IntStream.range(0, stretched.length).filter(i -> stretched[i]).toArray();
    return axes.length == 0
        ? reshape(target.dims())
        : Reshape.fresh(Sum.of(self(), true, axes), target.dims());
  }

  public final Tensor logSoftmax(int axis) {
    return LogSoftmax.of(self(), axis);
  }

  /** Where the maximum along the last axis stands, INT64. */
  public final Tensor argmax() {
    return Compare.argmax(self());
  }

  /** 1 where this is greater, else 0, in this tensor's type; not differentiable. */
  public final Tensor gt(Tensor other) {
    return Compare.of(BinaryKernel.GT, self(), other);
  }

  public final Tensor eq(Tensor other) {
    return Compare.of(BinaryKernel.EQ, self(), other);
  }

  /** Matrix product with PyTorch's rules for ranks and broadcasting. */
  public final Tensor matmul(Tensor other) {
    return MatMul.of(self(), other);
  }

  /** Another shape over the same storage; one size may be -1. */
  public final Tensor reshape(long... dims) {
    return Reshape.of(self(), dims);
  }

  /** Folds the axes from {@code startAxis} on into one; of a scalar a vector of one. */
  public final Tensor flatten(int startAxis) {
    Shape shape = self().rank() == 0 ? Shape.of(1) : self().shape();
    long[] dims = Arrays.copyOf(shape.dims(), shape.axis(startAxis) + 1);
    dims[dims.length - 1] =
        Arrays.stream(shape.dims()).skip(dims.length - 1L).reduce(1, (a, b) -> a * b);
    return reshape(dims);
  }

  /**
   * Reverses the two axes of a matrix, as a copy, as is every change of the order of axes; of a
   * vector or a scalar the same tensor.
   */
  public final Tensor t() {
    return Permute.t(self());
  }

  /** Swaps two axes; a copy: a write to it does not reach this tensor. */
  public final Tensor transpose(int axis0, int axis1) {
    Shape shape = self().shape();
    int[] axes = IntStream.range(0, shape.rank()).toArray();
    axes[shape.axis(axis0)] = shape.axis(axis1);
    axes[shape.axis(axis1)] = shape.axis(axis0);
    return permute(axes);
  }

  /** Axes in another order; a copy: a write to it does not reach this tensor. */
  public final Tensor permute(int... axes) {
    return Permute.of(self(), axes);
  }

  /**
   * Stretches axes of size 1 and adds axes in front; -1 keeps a size. A copy, or this tensor itself
   * if it has the shape already.
   */
  public final Tensor expand(long... dims) {
    return Expand.of(self(), dims);
  }

  /**
   * {@code length} entries of one axis from {@code start}; a copy: a write to it does not reach
   * this tensor, see {@link #indexPut_} for that.
   */
  public final Tensor narrow(int axis, long start, long length) {
    return Slice.of(self(), axis, start, length);
  }

  /** Converts; the same tensor if it has this type already. */
  public final Tensor to(DType dtype) {
    return Cast.of(self(), dtype);
  }

  /** A copy on another device; the same tensor if it is there already. */
  public final Tensor to(Backend backend) {
    return ToBackend.of(self(), backend);
  }

  /** A copy with storage of its own, through which gradients flow: {@code torch.clone}. */
  public final Tensor copy() {
    return Clone.of(self());
  }

  // In place

  public final Tensor fill_(double value) {
    return InPlace.fill(self(), value);
  }

  public final Tensor zero_() {
    return InPlace.fill(self(), 0);
  }

  /** Overwrites this tensor with the values of one of the same shape, converting. */
  public final Tensor copy_(Tensor source) {
    return InPlace.copy(self(), source);
  }

  public final Tensor add_(Tensor other) {
    return InPlace.add(self(), other, 1);
  }

  public final Tensor add_(double other) {
    return InPlace.add(self(), other);
  }

  public final Tensor sub_(Tensor other) {
    return InPlace.add(self(), other, -1);
  }

  public final Tensor mul_(Tensor other) {
    return InPlace.mul(self(), other);
  }

  public final Tensor mul_(double factor) {
    return InPlace.mul(self(), factor);
  }

  public final Tensor div_(Tensor other) {
    return InPlace.div(self(), other);
  }

  public final Tensor div_(double divisor) {
    return InPlace.div(self(), divisor);
  }

  public final Tensor clamp_(double min, double max) {
    return InPlace.clamp(self(), min, max);
  }

  public final Tensor relu_() {
    return InPlace.relu(self());
  }

  public final Tensor exp_() {
    return InPlace.exp(self());
  }

  public final Tensor maskedFill_(Tensor mask, double value) {
    return InPlace.maskedFill(self(), mask, value);
  }

  /** {@code x[indices] = values}, as {@link #index} counts indices. */
  public final Tensor indexPut_(List<? extends @Nullable Tensor> indices, Tensor values) {
    return InPlace.indexPut(self(), indices, values);
  }

  /** {@code x[indices] = value}. */
  public final Tensor indexPut_(List<? extends @Nullable Tensor> indices, double value) {
    return InPlace.indexPut(self(), indices, value);
  }
}
