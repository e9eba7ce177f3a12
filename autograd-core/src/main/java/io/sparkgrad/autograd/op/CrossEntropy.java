// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CrossEntropyGeometry;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cross entropy of rows of logits with class numbers, from the logits to the losses in one step and
 * back in one. Saves the log softmax, the classes and the weights.
 */
public final class CrossEntropy {
  private static final String OP = "cross_entropy";

  /** In place of a class: the row has loss 0 and no gradient. */
  public static final long IGNORED = -1;

  private CrossEntropy() {}

  /**
   * {@code −w[t]·log softmax(x)[t]} for each row, t being its class.
   *
   * @param x {@code [rows, classes]}
   * @param targets for each row a class, or {@link #IGNORED}
   * @param weight w, {@code [classes]}, a constant; null for 1 each
   * @param labelSmoothing which part of each target is spread over all classes, between 0 and 1
   * @return {@code [rows]}
   */
  public static Tensor of(
      Tensor x, long[] targets, @Nullable Tensor weight, double labelSmoothing) {
    check(x, targets, weight);
    var geometry =
        new CrossEntropyGeometry(targets.length, Math.toIntExact(x.size(1)), labelSmoothing);
    Tensor classes = IndexSelect.indices(targets, x);
    Tensor w = weight == null ? null : weight.detach().to(x.backend()).to(x.dtype());
    Tensor softmax = Tensor.zerosLike(x);
    Tensor losses = Tensor.zeros(Shape.of(targets.length), x.dtype(), x.backend());
    x.backend()
        .crossEntropy(
            geometry, x.buffer(), classes.buffer(), buffer(w), softmax.buffer(), losses.buffer());
    // Derivatives of the gradient go through the log softmax as a node of its own, which gradients
    // of the losses do not pass. It keeps nothing but what the losses save, and release.
    SavedTensor[] saved = new SavedTensor[1];
    Tensor logs =
        Tape.record(
            "LogSoftmax",
            softmax,
            new Tensor[] {x},
            unused -> (g, needs) -> grads(LogSoftmax.gradient(saved[0].get(), g)));
    return Tape.record(
        "CrossEntropy",
        losses,
        new Tensor[] {x},
        saver -> {
          saved[0] = saver.save(logs);
          return new Gradient(
              geometry, saved[0], saver.save(classes), w == null ? null : saver.save(w));
        });
  }

  private static void check(Tensor x, long[] targets, @Nullable Tensor weight) {
    Kernels.floating(OP, x);
    if (x.rank() != 2 || x.size(0) != targets.length) {
      throw new ShapeMismatchException(
          "%s: expected an input [rows, classes] with a row for each of %d targets, got %s"
              .formatted(OP, targets.length, x.shape()));
    }
    if (weight != null && !weight.shape().equals(Shape.of(x.size(1)))) {
      throw new ShapeMismatchException(
          "%s: expected a weight for each of %d classes, got shape %s"
              .formatted(OP, x.size(1), weight.shape()));
    }
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] < IGNORED || targets[row] >= x.size(1)) {
        throw new IndexOutOfBoundsException(
            "%s: target %d at position %d is out of bounds for %d classes"
                .formatted(OP, targets[row], row, x.size(1)));
      }
    }
  }

  private static @Nullable Buffer buffer(@Nullable Tensor t) {
    return t == null ? null : t.buffer();
  }

  private record Gradient(
      CrossEntropyGeometry geometry,
      SavedTensor logs,
      SavedTensor classes,
      @Nullable SavedTensor weight)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor w = weight == null ? null : weight.get();
      if (GradMode.isEnabled()) {
        return grads(formula(g, w));
      }
      Tensor gx = Tensor.zerosLike(logs.get());
      g.backend()
          .crossEntropyGradient(
              geometry,
              logs.get().buffer(),
              classes.get().buffer(),
              buffer(w),
              g.buffer(),
              gx.buffer());
      return grads(gx);
    }

    /**
     * In operations that have derivatives: with d the coefficients of −log softmax in the losses,
     * {@code ∂ = g·(softmax·Σ d − d)}. An ignored row has none, whatever g is.
     */
    private Tensor formula(Tensor g, @Nullable Tensor w) {
      long[] targets = classes.get().toLongArray();
      int n = geometry.columns();
      double[] ofClass = new double[n];
      Arrays.fill(ofClass, 1);
      if (w != null) {
        ofClass = w.toDoubleArray();
      }
      double[] coefficients = new double[targets.length * n];
      double[] counted = new double[targets.length];
      for (int row = 0; row < targets.length; row++) {
        if (targets[row] == IGNORED) {
          continue;
        }
        counted[row] = 1;
        for (int c = 0; c < n; c++) {
          double share = geometry.onEach() + (c == targets[row] ? geometry.onTarget() : 0);
          coefficients[row * n + c] = share * ofClass[c];
        }
      }
      Tensor d = constant(coefficients, g, targets.length, n);
      Tensor ofRows = Where.masked(g, constant(counted, g, targets.length)).reshape(-1, 1);
      return logs.get().exp().mul(d.sum(true, -1)).sub(d).mul(ofRows);
    }

    private static Tensor constant(double[] values, Tensor like, long... dims) {
      Tensor t = Tensor.zeros(Shape.of(dims), like.dtype(), like.backend());
      t.backend().upload(values, t.buffer());
      return t;
    }
  }
}
