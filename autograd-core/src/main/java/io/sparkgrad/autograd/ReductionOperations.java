// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.autograd.op.Amax;
import io.sparkgrad.autograd.op.CumProd;
import io.sparkgrad.autograd.op.CumSum;
import io.sparkgrad.autograd.op.LogSumExp;
import io.sparkgrad.autograd.op.Max;
import io.sparkgrad.autograd.op.Norm;
import io.sparkgrad.autograd.op.Prod;
import io.sparkgrad.shape.Shape;

/** The part of {@link TensorOperations} that makes one number of many, or of those so far. */
public abstract sealed class ReductionOperations extends ElementwiseOperations
    permits IndexingOperations {
  /** The maximum of all; equal ones share the gradient. */
  public final Tensor max() {
    return Amax.ofAll(self());
  }

  public final Tensor min() {
    return Amax.minOfAll(self());
  }

  /** The maxima along an axis and where they stand; of equals the first. */
  public final Max.Result max(int axis) {
    return Max.of(self(), axis, false);
  }

  public final Max.Result max(int axis, boolean keepDim) {
    return Max.of(self(), axis, keepDim);
  }

  public final Max.Result min(int axis) {
    return Max.min(self(), axis, false);
  }

  public final Max.Result min(int axis, boolean keepDim) {
    return Max.min(self(), axis, keepDim);
  }

  /** Maxima over these axes, without axes over all; equal ones share the gradient. */
  public final Tensor amax(int... axes) {
    return Amax.of(self(), false, axes);
  }

  public final Tensor amax(boolean keepDim, int... axes) {
    return Amax.of(self(), keepDim, axes);
  }

  public final Tensor amin(int... axes) {
    return Amax.min(self(), false, axes);
  }

  public final Tensor amin(boolean keepDim, int... axes) {
    return Amax.min(self(), keepDim, axes);
  }

  public final Tensor prod(int... axes) {
    return Prod.of(self(), false, axes);
  }

  public final Tensor prod(boolean keepDim, int... axes) {
    return Prod.of(self(), keepDim, axes);
  }

  public final Tensor logSumExp(int... axes) {
    return LogSumExp.of(self(), false, axes);
  }

  public final Tensor logSumExp(boolean keepDim, int... axes) {
    return LogSumExp.of(self(), keepDim, axes);
  }

  /** The Euclidean norm of all elements. */
  public final Tensor norm() {
    return Norm.of(self(), 2, false);
  }

  public final Tensor norm(double p, int... axes) {
    return Norm.of(self(), p, false, axes);
  }

  public final Tensor norm(double p, boolean keepDim, int... axes) {
    return Norm.of(self(), p, keepDim, axes);
  }

  /** The variance, without bias: over {@code n − 1}. */
  public final Tensor var(int... axes) {
    return var(1, false, axes);
  }

  /** The mean square of the distances from the mean, with {@code n − correction} in place of n. */
  public final Tensor var(int correction, boolean keepDim, int... axes) {
    return centred(axes).square().sum(keepDim, axes).div(divisor(correction, axes));
  }

  /** The square root of the variance, with derivative 0 at 0. */
  public final Tensor std(int... axes) {
    return std(1, false, axes);
  }

  public final Tensor std(int correction, boolean keepDim, int... axes) {
    return Norm.of(centred(axes), 2, keepDim, axes).div(Math.sqrt(divisor(correction, axes)));
  }

  private Tensor centred(int... axes) {
    return self().sub(self().mean(true, axes));
  }

  /** Not below 0, so that too few elements give NaN or infinity, as in PyTorch. */
  private double divisor(int correction, int... axes) {
    Shape reduced = self().shape().reduced(self().shape().axisMask(axes), false);
    double n = reduced.numel() == 0 ? 0 : (double) self().numel() / reduced.numel();
    return Math.max(0, n - correction);
  }

  /** Running sums along an axis. */
  public final Tensor cumsum(int axis) {
    return CumSum.of(self(), axis);
  }

  public final Tensor cumprod(int axis) {
    return CumProd.of(self(), axis);
  }
}
