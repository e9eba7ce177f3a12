// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.CrossEntropy;
import org.jspecify.annotations.Nullable;

/**
 * {@code −log softmax(input)[target]} for logits {@code [classes]}, {@code [n, classes]} or {@code
 * [n, classes, d...]}. The target is class numbers (INT64) {@code []}, {@code [n]} or {@code [n,
 * d...]}, or probabilities of the input's shape. By default the mean: over the weights of the
 * targets that are not ignored, or for probabilities over the rows.
 */
public final class CrossEntropyLoss implements Loss {
  private static final String OP = "cross_entropy";

  private final CrossEntropyOptions options;

  public CrossEntropyLoss() {
    this(CrossEntropyOptions.DEFAULT);
  }

  public CrossEntropyLoss(Reduction reduction) {
    this(CrossEntropyOptions.DEFAULT.withReduction(reduction));
  }

  public CrossEntropyLoss(CrossEntropyOptions options) {
    this.options = options;
  }

  @Override
  public Tensor forward(Tensor input, Tensor target) {
    if (ClassTargets.isOneRow(input, target)) {
      return forward(input.reshape(1, -1), ClassTargets.oneRow(target)).reshape();
    }
    ClassTargets.checkInput(OP, input, options.weight());
    return target.dtype().isFloatingPoint() && target.shape().equals(input.shape())
        ? ofProbabilities(input, target)
        : ofClasses(input, target);
  }

  private Tensor ofClasses(Tensor input, Tensor target) {
    var targets = ClassTargets.of(OP, input, target, options.weight(), options.ignoreIndex());
    Tensor rows = ClassTargets.rows(input);
    return targets.reduced(
        CrossEntropy.of(rows, targets.classes(), options.weight(), options.labelSmoothing()),
        options.reduction());
  }

  private Tensor ofProbabilities(Tensor input, Tensor target) {
    if (options.ignoreIndex() >= 0) {
      throw new IllegalArgumentException(
          "cross_entropy: ignore_index is not supported for floating point target, got %d; keep its default, -100"
              .formatted(options.ignoreIndex()));
    }
    double smoothing = options.labelSmoothing();
    Tensor smooth =
        smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / input.size(1)) : target;
    Tensor logs = ClassTargets.rows(input).logSoftmax(-1);
    @Nullable Tensor weight = options.weight();
    Tensor weighted = weight == null ? logs : logs.mul(weight.to(logs.dtype()));
    Tensor losses = weighted.mul(ClassTargets.rows(smooth)).sum(-1).neg();
    long[] shape = input.shape().reduced(input.shape().axisMask(1), false).dims();
    return options.reduction().of(losses.reshape(shape));
  }
}
