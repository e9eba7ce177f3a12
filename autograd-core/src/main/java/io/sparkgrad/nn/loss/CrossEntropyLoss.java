// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.IndexSelect;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * {@code −log softmax(input)[target]} for logits {@code [n, classes]} and class numbers {@code [n]}
 * (INT64); by default the mean over the rows.
 */
public final class CrossEntropyLoss implements Loss {
  private final Reduction reduction;

  public CrossEntropyLoss() {
    this(Reduction.MEAN);
  }

  public CrossEntropyLoss(Reduction reduction) {
    this.reduction = reduction;
  }

  @Override
  public Tensor forward(Tensor input, Tensor target) {
    check(input, target);
    long classes = input.size(1);
    long[] positions = target.toLongArray();
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] < 0 || positions[i] >= classes) {
        throw new IndexOutOfBoundsException(
            "cross_entropy: target %d of row %d is out of bounds for %d classes"
                .formatted(positions[i], i, classes));
      }
      positions[i] += i * classes;
    }
    Tensor picked = IndexSelect.of(input.logSoftmax(-1).reshape(-1), onBackendOf(input, positions));
    Tensor losses = picked.neg();
    return switch (reduction) {
      case NONE -> losses;
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
    };
  }

  private static Tensor onBackendOf(Tensor input, long[] values) {
    var buffer = input.backend().allocate(DType.INT64, values.length);
    input.backend().upload(values, buffer);
    return Tensor.wrap(buffer, Shape.of(values.length));
  }

  private static void check(Tensor input, Tensor target) {
    if (input.rank() != 2) {
      throw new ShapeMismatchException(
          "cross_entropy: expected logits [n, classes], got " + input.shape());
    }
    if (target.dtype() != DType.INT64) {
      throw new IllegalArgumentException(
          "cross_entropy: expected target dtype INT64 (class numbers), got " + target.dtype());
    }
    if (target.rank() != 1 || target.size(0) != input.size(0)) {
      throw new ShapeMismatchException(
          "cross_entropy: expected input batch_size (%d) to match target batch_size, got target %s"
              .formatted(input.size(0), target.shape()));
    }
  }
}
