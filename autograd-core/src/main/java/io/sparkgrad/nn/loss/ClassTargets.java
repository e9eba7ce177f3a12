// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Concat;
import io.sparkgrad.autograd.op.CrossEntropy;
import io.sparkgrad.autograd.op.IndexSelect;
import io.sparkgrad.autograd.op.Where;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checked class numbers for an input {@code [n, classes, d...]}: which class each distribution
 * should have been, in the order of the flat target {@code [n, d...]}, and the weights of classes.
 */
final class ClassTargets {
  private final Shape shape;
  private final long[] classes;
  private final @Nullable Tensor ofClass;

  private ClassTargets(Shape shape, long[] classes, @Nullable Tensor ofClass) {
    this.shape = shape;
    this.classes = classes;
    this.ofClass = ofClass;
  }

  static ClassTargets of(
      String op, Tensor input, Tensor target, @Nullable Tensor weight, long ignoreIndex) {
    check(op, input, target);
    long classes = input.size(1);
    long[] labels = target.toLongArray();
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == ignoreIndex) {
        labels[i] = CrossEntropy.IGNORED;
      } else if (labels[i] < 0 || labels[i] >= classes) {
        throw new IndexOutOfBoundsException(
            "%s: target %d at position %d is out of bounds for %d classes"
                .formatted(op, labels[i], i, classes));
      }
    }
    return new ClassTargets(target.shape(), labels, weight);
  }

  private static void check(String op, Tensor input, Tensor target) {
    if (target.dtype() != DType.INT64) {
      throw new IllegalArgumentException(
          "%s: expected target dtype INT64 (class numbers), got %s".formatted(op, target.dtype()));
    }
    if (target.rank() == 0 || target.size(0) != input.size(0)) {
      throw new ShapeMismatchException(
          "%s: expected input batch_size (%d) to match target batch_size, got target %s"
              .formatted(op, input.size(0), target.shape()));
    }
    Shape expected = withoutClasses(input);
    if (!target.shape().equals(expected)) {
      throw new ShapeMismatchException(
          "%s: expected a target of shape %s for input %s, got %s"
              .formatted(op, expected, input.shape(), target.shape()));
    }
  }

  /** A row of classes without an axis for the batch, and what is wanted of it. */
  static boolean isOneRow(Tensor input, Tensor target) {
    return input.rank() == 1 && (isOneClass(target) || target.shape().equals(input.shape()));
  }

  static Tensor oneRow(Tensor target) {
    return isOneClass(target) ? target.reshape(1) : target.reshape(1, -1);
  }

  private static boolean isOneClass(Tensor target) {
    return target.rank() == 0
        || (target.dtype() == DType.INT64 && target.shape().equals(Shape.of(1)));
  }

  /** That there is an axis of classes, and a weight for each. */
  static void checkInput(String op, Tensor input, @Nullable Tensor weight) {
    if (input.rank() < 2) {
      throw new ShapeMismatchException(
          "%s: expected an input [n, classes] or [n, classes, d...], got %s"
              .formatted(op, input.shape()));
    }
    if (weight != null && !weight.shape().equals(Shape.of(input.size(1)))) {
      throw new ShapeMismatchException(
          "%s: expected a weight for each of %d classes, got shape %s"
              .formatted(op, input.size(1), weight.shape()));
    }
  }

  private static Shape withoutClasses(Tensor input) {
    return input.shape().reduced(input.shape().axisMask(1), false);
  }

  /** {@code [n, classes, d...]} as one distribution per row. */
  static Tensor rows(Tensor input) {
    int[] axes = new int[input.rank()];
    for (int i = 1; i + 1 < axes.length; i++) {
      axes[i] = i + 1;
    }
    axes[axes.length - 1] = 1;
    Tensor last = axes.length == 2 ? input : input.permute(axes);
    return last.reshape(withoutClasses(input).numel(), input.size(1));
  }

  /** One for each distribution, {@link CrossEntropy#IGNORED} where it counts for nothing. */
  long[] classes() {
    return classes;
  }

  private long counted() {
    return Arrays.stream(classes).filter(c -> c != CrossEntropy.IGNORED).count();
  }

  /**
   * For each target the weight of its class, 0 where it is ignored: a constant of this tensor's
   * type, put together on its device, where nobody waits for it.
   */
  private Tensor weights(Tensor like) {
    if (ofClass == null) {
      Tensor w = Tensor.zeros(Shape.of(classes.length), like.dtype(), like.backend());
      double[] ones =
          Arrays.stream(classes).mapToDouble(c -> c == CrossEntropy.IGNORED ? 0 : 1).toArray();
      w.backend().upload(ones, w.buffer());
      return w;
    }
    Tensor known = ofClass.detach().to(like.backend()).to(like.dtype());
    Tensor none = Tensor.zeros(Shape.of(1), like.dtype(), like.backend());
    long[] places =
        Arrays.stream(classes).map(c -> c == CrossEntropy.IGNORED ? 0 : 1 + c).toArray();
    return IndexSelect.flat(Concat.of(List.of(none, known), 0), places);
  }

  /** {@code −w·rows[target]}, flat; an ignored row contributes 0 whatever it holds. */
  Tensor losses(Tensor rows) {
    long[] positions = new long[classes.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = i * rows.size(1) + Math.max(0, classes[i]);
    }
    Tensor losses = IndexSelect.flat(rows, positions).neg();
    if (ofClass == null && counted() == classes.length) {
      return losses;
    }
    Tensor w = weights(losses);
    // Masked first: 0 times the infinity or NaN of an ignored row would stay NaN.
    return Where.masked(losses, w).mul(w);
  }

  /** The mean is over the weights of the targets, not over their number. */
  Tensor reduced(Tensor losses, Reduction reduction) {
    return switch (reduction) {
      case NONE -> losses.reshape(shape.dims());
      case SUM -> losses.sum();
      case MEAN ->
          ofClass == null ? losses.sum().div(counted()) : losses.sum().div(weights(losses).sum());
    };
  }
}
