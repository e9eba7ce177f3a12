// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.ShapeMismatchException;

/** {@code (input − target)²}, by default the mean over all elements. Shapes have to be equal. */
public final class MseLoss implements Loss {
  private final Reduction reduction;

  public MseLoss() {
    this(Reduction.MEAN);
  }

  public MseLoss(Reduction reduction) {
    this.reduction = reduction;
  }

  @Override
  public Tensor forward(Tensor input, Tensor target) {
    if (!input.shape().equals(target.shape())) {
      throw new ShapeMismatchException(
          "mse_loss: expected a target of the input's shape %s, got %s"
              .formatted(input.shape(), target.shape()));
    }
    Tensor squares = input.sub(target).square();
    return switch (reduction) {
      case NONE -> squares;
      case MEAN -> squares.mean();
      case SUM -> squares.sum();
    };
  }
}
