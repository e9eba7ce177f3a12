// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.autograd.op.Diagonal;
import io.sparkgrad.autograd.op.Flip;
import io.sparkgrad.autograd.op.Gather;
import io.sparkgrad.autograd.op.Index;
import io.sparkgrad.autograd.op.IndexSelect;
import io.sparkgrad.autograd.op.Masked;
import io.sparkgrad.autograd.op.Products;
import io.sparkgrad.autograd.op.Repeat;
import io.sparkgrad.autograd.op.Scatter;
import io.sparkgrad.autograd.op.Select;
import io.sparkgrad.autograd.op.Slice;
import io.sparkgrad.autograd.op.Softmax;
import io.sparkgrad.autograd.op.Sort;
import io.sparkgrad.autograd.op.Split;
import io.sparkgrad.autograd.op.Squeeze;
import io.sparkgrad.autograd.op.Triangle;
import java.util.List;

/**
 * What picks, places and arranges elements of a tensor and multiplies tensors of one rank, a line
 * each; {@link TensorOperations} holds the rest. Only {@link #squeeze} and {@link #unsqueeze} give
 * views. All others give copies, where PyTorch gives views of some: a write to the result does not
 * reach this tensor; {@link TensorOperations#indexPut_} writes to a region.
 */
public abstract sealed class IndexingOperations extends ReductionOperations
    permits TensorOperations {
  /** A copy of {@code x[start:stop:step]} along an axis; negative positions count from the end. */
  public final Tensor slice(int axis, long start, long stop, long step) {
    return Slice.of(self(), axis, start, stop, step);
  }

  /** Drops these axes where their size is 1; without axes all of size 1. Shares the storage. */
  public final Tensor squeeze(int... axes) {
    return Squeeze.of(self(), axes);
  }

  /** Inserts an axis of size 1 in this place. Shares the storage. */
  public final Tensor unsqueeze(int axis) {
    return Squeeze.un(self(), axis);
  }

  /** A copy of one entry of an axis, which disappears. */
  public final Tensor select(int axis, long index) {
    return Select.of(self(), axis, index);
  }

  /** Copies of parts of these sizes. */
  public final List<Tensor> split(int axis, long... sizes) {
    return Split.of(self(), axis, sizes);
  }

  /** Copies of at most so many parts of equal size; the last may be smaller. */
  public final List<Tensor> chunk(int axis, int chunks) {
    return Split.chunk(self(), axis, chunks);
  }

  /** Copies of the entries of an axis, which disappears. */
  public final List<Tensor> unbind(int axis) {
    return Split.unbind(self(), axis);
  }

  public final Tensor repeat(long... counts) {
    return Repeat.of(self(), counts);
  }

  public final Tensor flip(int... axes) {
    return Flip.of(self(), axes);
  }

  /** A copy of the main diagonal of the first two axes, as the last axis. */
  public final Tensor diagonal() {
    return Diagonal.of(self(), 0, 0, 1);
  }

  public final Tensor diag() {
    return Diagonal.diag(self(), 0);
  }

  public final Tensor tril() {
    return Triangle.lower(self(), 0);
  }

  public final Tensor triu() {
    return Triangle.upper(self(), 0);
  }

  public final Tensor indexSelect(int axis, Tensor indices) {
    return IndexSelect.of(self(), axis, indices);
  }

  public final Tensor gather(int axis, Tensor index) {
    return Gather.of(self(), axis, index);
  }

  public final Tensor scatter(int axis, Tensor index, Tensor source) {
    return Scatter.of(self(), axis, index, source);
  }

  public final Tensor scatterAdd(int axis, Tensor index, Tensor source) {
    return Scatter.add(self(), axis, index, source);
  }

  /** {@code x[i, j, ...]} by INT64 indices and BOOL masks. */
  public final Tensor index(Tensor... indices) {
    return Index.of(self(), List.of(indices));
  }

  public final Tensor maskedFill(Tensor mask, double value) {
    return Masked.fill(self(), mask, value);
  }

  public final Tensor maskedSelect(Tensor mask) {
    return Masked.select(self(), mask);
  }

  public final Sort.Sorted sort(int axis, boolean descending) {
    return Sort.of(self(), axis, descending);
  }

  /** The k largest along an axis, in order. */
  public final Sort.Sorted topk(long k, int axis) {
    return Sort.topk(self(), k, axis, true);
  }

  public final Tensor softmax(int axis) {
    return Softmax.of(self(), axis);
  }

  // Products of tensors of one rank

  public final Tensor bmm(Tensor other) {
    return Products.bmm(self(), other);
  }

  public final Tensor mv(Tensor vector) {
    return Products.mv(self(), vector);
  }

  public final Tensor dot(Tensor other) {
    return Products.dot(self(), other);
  }

  public final Tensor outer(Tensor other) {
    return Products.outer(self(), other);
  }
}
