// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.NOT_FLOATING;
import static io.sparkgrad.autograd.op.OpChecks.allGradients;
import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradient;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.OpChecks.EachShape;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.java.JavaBackend;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InPlaceTest {
  private static final Tensor MASK = Tensor.of(new long[] {0, 1}).to(DType.BOOL);

  private interface Write {
    Tensor to(Tensor x);
  }

  private static final List<Write> WRITES =
      List.of(
          x -> x.fill_(7),
          Tensor::zero_,
          x -> x.copy_(v(3, 4)),
          x -> x.add_(v(3, 4)),
          x -> x.mul_(2),
          x -> x.add_(1),
          x -> x.sub_(v(3, 4)),
          x -> x.mul_(v(3, 4)),
          x -> x.div_(v(3, 4)),
          x -> x.div_(2),
          x -> x.clamp_(0, 1),
          Tensor::relu_,
          Tensor::exp_,
          x -> x.maskedFill_(MASK, 1),
          x -> x.indexPut_(List.of(MASK), v(3)));

  @Test
  void valuesAreRight() {
    values(v(1, 2).fill_(7), 7, 7);
    values(v(1, 2).zero_(), 0, 0);
    values(v(1, 2).add_(v(3, -4)), 4, -2);
    values(InPlace.add(v(1, 2), v(3, -4), 0.5), 2.5, 0);
    values(v(1, 2).mul_(-2), -2, -4);
    values(v(1, 2).copy_(Tensor.of(new long[] {5, 6})), 5, 6);
    values(v(6, 2).mul_(v(3)).div_(Tensor.scalar(2)), 9, 3);
    Tensor x = v(3, 4);
    values(x.mul_(x), 9, 16);
  }

  @Test
  @DisplayName("a product is written where it stands, without a tensor between")
  void withoutCopies() {
    CountingBackend counting = new CountingBackend(new JavaBackend());
    Tensor x = v(1, 2).to(counting.backend());
    Tensor factor = v(3).to(counting.backend());
    counting.reset();
    x.mul_(factor).div_(factor);
    assertEquals(0, counting.calls("allocate") + counting.calls("copy"));
    values(x, 1, 2);
  }

  @Test
  @DisplayName("INP-4: each write gives the same tensor back and raises the version by one")
  void version() {
    Tensor x = v(1, 2);
    Tensor alias = x.detach();
    for (int i = 0; i < WRITES.size(); i++) {
      assertSame(x, WRITES.get(i).to(x));
      assertEquals(i + 1, x.version());
    }
    assertEquals(WRITES.size(), alias.version());
  }

  @Test
  @DisplayName("MODE-5: under noGrad a leaf that requires a gradient can be written and stays one")
  void underNoGrad() {
    Tensor x = v(1, 2).requiresGrad_();
    try (var mode = GradMode.noGrad()) {
      WRITES.forEach(w -> w.to(x));
    }
    assertEquals(WRITES.size(), x.version());
    assertTrue(x.requiresGrad());
    assertNull(x.gradFn());
  }

  @Test
  @DisplayName("INP-1: a leaf that requires a gradient cannot be written while recording")
  void leaf() {
    Tensor x = v(1, 2).requiresGrad_();
    rejects(
        AutogradException.class,
        "mul_: a leaf Variable that requires grad is being used in an in-place operation; write under GradMode.noGrad(), or out of place.",
        () -> x.mul_(2));
    WRITES.forEach(
        w ->
            assertTrue(
                org.junit.jupiter.api.Assertions.assertThrows(
                        AutogradException.class, () -> w.to(x))
                    .getMessage()
                    .contains("a leaf Variable that requires grad")));
    values(x, 1, 2);
    assertEquals(0, x.version());
  }

  private static void likeNew(UnaryOperator<Tensor> write, UnaryOperator<Tensor> fresh) {
    Tensor plain = v(-1, 2);
    Tensor expected = fresh.apply(plain);
    values(write.apply(plain), expected.toDoubleArray());
    gradients(x -> write.apply(x.mul(1)), v(-1, 2).requiresGrad_());
    Tensor x = v(-1, 2).requiresGrad_();
    values(
        gradient(t -> write.apply(t.mul(1)), x, 3, 5),
        gradient(fresh, v(-1, 2).requiresGrad_(), 3, 5).toDoubleArray());
  }

  @Test
  @DisplayName("row 94: values and gradients are those of the operation that returns a new tensor")
  void twins() {
    likeNew(x -> x.add_(v(3, -4)), x -> x.add(v(3, -4)));
    likeNew(x -> x.add_(3), x -> x.add(3));
    likeNew(x -> x.sub_(v(3, -4)), x -> x.sub(v(3, -4)));
    likeNew(x -> x.mul_(v(3, -4)), x -> x.mul(v(3, -4)));
    likeNew(x -> x.mul_(-2), x -> x.mul(-2));
    likeNew(x -> x.div_(v(3, -4)), x -> x.div(v(3, -4)));
    likeNew(x -> x.div_(4), x -> x.div(4));
    likeNew(x -> x.clamp_(-0.5, 3), x -> x.clamp(-0.5, 3));
    likeNew(Tensor::relu_, Tensor::relu);
    likeNew(Tensor::exp_, Tensor::exp);
    likeNew(x -> x.maskedFill_(MASK, 9), x -> x.maskedFill(MASK, 9));
  }

  @EachShape
  void gradientsOfShapes(Shape shape) {
    gradients(x -> x.mul(1).add_(2).div_(3).clamp_(-9, 9).exp_(), random(1, shape));
    allGradients(
        in -> in.get(0).mul(1).mul_(in.get(1)).div_(in.get(1)).sub_(in.get(1)),
        random(1, shape),
        random(2, shape));
  }

  @Test
  @DisplayName("row 94: the operand stretches to the target and gets the sum of its gradients")
  void broadcast() {
    for (long[] dims : new long[][] {{}, {1}, {3}, {2, 1}, {1, 3}, {2, 3}}) {
      allGradients(
          in -> in.get(0).mul(1).mul_(in.get(1)).add_(in.get(1)).copy_(in.get(1)).div_(in.get(1)),
          random(1, 2, 3),
          random(2, dims));
      values(arange(2, 3).fill_(1).add_(Tensor.ones(dims).to(DType.FLOAT64)), 2, 2, 2, 2, 2, 2);
    }
  }

  @Test
  @DisplayName("INP-9: what is overwritten gets a gradient of 0, the new value its own")
  void overwritten() {
    values(gradient(x -> x.mul(1).zero_(), v(1, 2).requiresGrad_(), 3, 5), 0, 0);
    values(gradient(x -> x.mul(1).fill_(4), v(1, 2).requiresGrad_(), 3, 5), 0, 0);
    Tensor old = v(1, 2).requiresGrad_();
    Tensor source = Tensor.of(new float[] {7}).requiresGrad_();
    values(gradient(x -> x.mul(1).copy_(source), old, 3, 5), 0, 0);
    values(source.grad(), 8);
    assertEquals(DType.FLOAT32, source.grad().dtype());
    values(gradient(x -> x.mul(1).maskedFill_(MASK, 0), v(1, 2).requiresGrad_(), 3, 5), 3, 0);
  }

  @Test
  @DisplayName("INP-9, C05, C06: index assignment moves the gradient to the values")
  void indexPut() {
    Tensor x = v(1, 1, 1, 1, 1).requiresGrad_();
    Tensor y = x.add(2);
    y.indexPut_(List.of(Tensor.of(new long[] {0, 3})), v(2));
    assertEquals(1, y.version());
    values(y, 2, 3, 3, 2, 3);
    y.backward(Tensor.onesLike(y));
    values(x.grad(), 0, 1, 1, 0, 1);
    Tensor rows = t(new double[6], 2, 3).requiresGrad_();
    Tensor row = v(7, 7, 7).requiresGrad_();
    rows.add(2).indexPut_(List.of(Tensor.of(new long[] {1})), row).backward(arange(2, 3));
    values(rows.grad(), 0, 1, 2, 0, 0, 0);
    values(row.grad(), 3, 4, 5);
  }

  @Test
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "add_: expected a tensor that stretches to shape [2], got [3]",
        () -> v(1, 2).add_(v(1, 2, 3)));
    rejects(
        ShapeMismatchException.class,
        "copy_: expected a tensor that stretches to shape [2], got [3]",
        () -> v(1, 2).copy_(v(1, 2, 3)));
    rejects(
        ShapeMismatchException.class,
        "mul_: expected a tensor that stretches to shape [1], got [2]",
        () -> v(1).requiresGrad_().mul(1).mul_(v(1, 2)));
    rejects(AutogradException.class, NOT_FLOATING.formatted("exp_"), Tensor.of(new long[1])::exp_);
    assertEquals(DType.BOOL, v(1).to(DType.BOOL).fill_(3).dtype());
  }
}
