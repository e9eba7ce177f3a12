// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Autograd;
import io.sparkgrad.autograd.Checkpoint;
import io.sparkgrad.autograd.GraphFreedException;
import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The operation; what a loss makes of it is in CrossEntropyLossTest. */
class CrossEntropyTest {
  private static final long[] TARGETS = {2, CrossEntropy.IGNORED, 0};

  private static Tensor losses(Tensor x, @Nullable Tensor weight, double smoothing) {
    return CrossEntropy.of(x, TARGETS, weight, smoothing);
  }

  @Test
  void valuesAndGradient() { // uniform: ln 3; softmax − onehot, by the gradient of each row
    Tensor x = t(new double[9], 3, 3).requiresGrad_();
    Tensor y = losses(x, null, 0);
    values(y, Shape.of(3), Math.log(3), 0, Math.log(3));
    y.backward(v(3, 5, 6));
    values(x.grad(), 1, 1, -2, 0, 0, 0, -4, 2, 2);
  }

  @Test
  void derivatives() {
    Tensor weight = v(1, 2, 3);
    for (double smoothing : new double[] {0, 0.3, 1}) {
      allGradients(in -> losses(in.get(0), null, smoothing), random(1, 3, 3));
      allGradients(in -> losses(in.get(0), weight, smoothing), random(2, 3, 3));
    }
  }

  private static Tensor grad(Tensor y, Tensor x, Autograd.Options options) {
    return requireNonNull(Autograd.grad(List.of(y.sum()), List.of(x), null, options).get(0));
  }

  @Test
  @DisplayName("third derivative of ln(1 + e⁻ˣ), the loss of the first of two classes x and 0")
  void thirdDerivative() {
    Tensor x = v(0.5).requiresGrad_();
    Tensor logits = Concat.of(List.of(x.reshape(1, 1), t(new double[1], 1, 1)), 1);
    Tensor d = CrossEntropy.of(logits, new long[] {0}, null, 0);
    for (int order = 1; order <= 3; order++) {
      d = grad(d, x, Autograd.Options.DEFAULT.withCreateGraph(true));
    }
    double s = 1 / (1 + Math.exp(-0.5));
    values(d, s * (1 - s) * (1 - 2 * s));
  }

  @Test
  @DisplayName("the logits may be written afterwards, as in PyTorch, the weight may not")
  void writtenAfterwards() {
    Tensor x = random(1, 3, 3);
    Tensor logits = x.copy();
    Tensor weight = v(1, 2, 3);
    Tensor loss = losses(logits, weight, 0.1).sum();
    logits.add_(1);
    values(
        grad(loss, x, Autograd.Options.DEFAULT.withRetainGraph(true)),
        grad(losses(x, weight, 0.1), x, Autograd.Options.DEFAULT).toDoubleArray());
    weight.add_(1);
    assertThrows(InplaceModificationException.class, loss::backward);
  }

  @Test
  @DisplayName("what a pass released is gone, also for second derivatives")
  void released() {
    Tensor x = random(1, 3, 3);
    Tensor loss = losses(x, null, 0).sum();
    var released = Autograd.Options.DEFAULT.withCreateGraph(true).withRetainGraph(false);
    Tensor first = grad(loss, x, released).sum();
    assertThrows(GraphFreedException.class, loss::backward);
    assertThrows(GraphFreedException.class, first::backward);
  }

  @Test
  void checkpoint() {
    Tensor x = random(1, 3, 3);
    Tensor y = Checkpoint.run(z -> losses(z, null, 0.1), x);
    values(
        grad(y, x, Autograd.Options.DEFAULT),
        grad(losses(x, null, 0.1), x, Autograd.Options.DEFAULT).toDoubleArray());
  }

  @Test
  void badInput() {
    rejects(
        IndexOutOfBoundsException.class,
        "cross_entropy: target 3 at position 1 is out of bounds for 3 classes",
        () -> CrossEntropy.of(random(1, 2, 3), new long[] {0, 3}, null, 0));
    rejects(
        ShapeMismatchException.class,
        "cross_entropy: expected an input [rows, classes] with a row for each of 3 targets, got [2, 3]",
        () -> losses(random(1, 2, 3), null, 0));
    rejects(
        ShapeMismatchException.class,
        "cross_entropy: expected a weight for each of 3 classes, got shape [2]",
        () -> losses(random(1, 3, 3), v(1, 2), 0));
    assertEquals(Shape.of(0), CrossEntropy.of(random(1, 0, 3), new long[0], null, 0).shape());
  }
}
