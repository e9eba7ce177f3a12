// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * A loss for each element of input and target, by default their mean. Both get gradients where they
 * require them. Shapes that differ but broadcast are taken, with a warning, or refused if the loss
 * is strict.
 */
abstract sealed class ElementwiseLoss implements Loss
    permits BCELoss, BCEWithLogitsLoss, HuberLoss, KLDivLoss, L1Loss, MseLoss, SmoothL1Loss {
  private static final System.Logger LOG = System.getLogger(ElementwiseLoss.class.getName());

  private final String op;
  private final boolean strict;
  private final Reduction reduction;

  ElementwiseLoss(String op, boolean strict, Reduction reduction) {
    this.op = op;
    this.strict = strict;
    this.reduction = reduction;
  }

  abstract Tensor losses(Tensor input, Tensor target);

  @Override
  public final Tensor forward(Tensor input, Tensor target) {
    if (!input.shape().equals(target.shape())) {
      differentShapes(input.shape(), target.shape());
    }
    return reduced(losses(input, target), input);
  }

  /** Rescales each loss; the mean stays one over the number of elements. */
  final Tensor weighted(Tensor losses, @Nullable Tensor weight) {
    if (weight == null) {
      return losses;
    }
    if (!Broadcasting.stretches(weight.shape(), losses.shape())) {
      throw new ShapeMismatchException(
          "%s: expected a weight that stretches to shape %s, got %s"
              .formatted(op, losses.shape(), weight.shape()));
    }
    return losses.mul(weight);
  }

  Tensor reduced(Tensor losses, Tensor input) {
    return reduction.of(losses);
  }

  private void differentShapes(Shape input, Shape target) {
    String problem =
        "%s: expected a target of the input's shape %s, got %s".formatted(op, input, target);
    if (strict) {
      throw new ShapeMismatchException(problem);
    }
    Shape common = Broadcasting.of(op, input, target);
    LOG.log(
        System.Logger.Level.WARNING,
        "{0}; both broadcast to {1}, which is seldom meant: reshape one of them.",
        problem,
        common);
  }
}
