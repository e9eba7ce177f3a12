// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Which writes a backward pass notices. */
class InPlaceVersionsTest {
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  private static void assertModified(Executable backward) {
    Throws.saying(InplaceModificationException.class, backward, "modified by an inplace operation");
  }

  /** A write into x after {@code y} was computed from it goes unnoticed, or does not. */
  private static void inputWritten(boolean throwing, UnaryOperator<Tensor> function) {
    Tensor x = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_().copy();
    Tensor y = function.apply(x).sum();
    x.add_(1);
    assertBackward(throwing, y);
  }

  private static void outputWritten(UnaryOperator<Tensor> function) {
    Tensor y = function.apply(leaf(1, 2).copy());
    y.add_(2);
    assertBackward(true, y.sum());
  }

  private static void assertBackward(boolean throwing, Tensor y) {
    if (throwing) {
      assertModified(y::backward);
    } else {
      y.backward();
    }
  }

  @Test
  @DisplayName("INP-5, C01: a product notices the write into a factor, a sum does not")
  void versions() {
    Tensor y = leaf(4, 4);
    Tensor z = leaf(1, 1).mul(y);
    Tensor q = z.add(y);
    Tensor w = z.mul(y);
    z.add_(v(2, 2));
    q.backward(v(1, 1), RETAIN);
    assertModified(() -> w.backward(v(1, 1)));
    Tensor l = leaf(1, 1);
    Tensor a = l.copy();
    values(a.add_(10), 11, 11);
    Tensor after = a.add(2);
    after.backward(v(1, 1));
    values(l.grad(), 1, 1);
    Tensor product = a.mul(after);
    a.add_(2);
    assertModified(() -> product.backward(v(1, 1)));
  }

  @Test
  @DisplayName("INP-6, C07: what an operation saves must not be written, all else may")
  void table() {
    Tensor partner = t(new double[] {1, 2, 3, 4}, 2, 2);
    Tensor learned = partner.detach().requiresGrad_();
    List<BinaryOperator<Tensor>> products = List.of(Tensor::mul, Tensor::matmul);
    for (BinaryOperator<Tensor> product : products) {
      inputWritten(true, x -> product.apply(x, learned));
      inputWritten(false, x -> product.apply(x, partner));
    }
    List<UnaryOperator<Tensor>> saving =
        List.of(
            x -> partner.div(x),
            x -> x.pow(3),
            Tensor::log,
            Tensor::sin,
            Tensor::square,
            x -> x.clamp(0, 1));
    saving.forEach(f -> inputWritten(true, f));
    List<UnaryOperator<Tensor>> free =
        List.of(
            x -> x.add(learned),
            x -> learned.sub(x),
            x -> x.mul(3),
            Tensor::exp,
            Tensor::relu,
            x -> x.sum(0),
            x -> x.index(Tensor.of(new long[] {0, 1})));
    free.forEach(f -> inputWritten(false, f));
    List<UnaryOperator<Tensor>> savingResult =
        List.of(
            Tensor::exp,
            Tensor::sqrt,
            Tensor::tanh,
            Tensor::sigmoid,
            x -> x.softmax(0),
            x -> x.logSoftmax(0),
            Tensor::relu,
            Tensor::reciprocal);
    savingResult.forEach(InPlaceVersionsTest::outputWritten);
  }

  @Test
  @DisplayName("INP-7: writes that save their own result agree with themselves, until the next")
  void ownResult() {
    Tensor x = leaf(0, 1);
    Tensor z = x.mul(1).exp_();
    z.backward(v(1, 1), RETAIN);
    values(x.grad(), 1, Math.E);
    z.add_(1);
    Throws.saying(
        InplaceModificationException.class,
        z.sum()::backward,
        "modified by an inplace operation: FLOAT64 [2], which is output 0 of ExpBackward, is at version 2, expected version 1");
    outputWritten(Tensor::relu_);
    Tensor twice = leaf(0, 1).mul(1).exp_().exp_();
    assertModified(twice.sum()::backward);
  }

  @Test
  @DisplayName("INP-8: a write after backward is recorded as any other")
  void after() {
    Tensor x = leaf(3);
    Tensor y = x.mul(1);
    y.square().backward();
    y.zero_();
    values(x.grad(), 6);
  }

  @Test
  @DisplayName("INP-5: a write of a tensor by itself notices that it overwrote its operand")
  void itself() {
    Tensor x = leaf(1, 2);
    Tensor sum = x.mul(1);
    sum.add_(sum);
    sum.backward(v(1, 1));
    values(x.grad(), 2, 2);
    Tensor product = x.mul(1);
    product.mul_(product);
    values(product, 1, 4);
    assertModified(() -> product.backward(v(1, 1)));
  }

  @Test
  @DisplayName("INP-4: every alias sees the new values and version, also a second time")
  void aliases() {
    Tensor x = leaf(1, 2).copy();
    Tensor alias = x.detach();
    x.exp_();
    x.mul_(x.detach().copy()).zero_().add_(4);
    values(alias, 4, 4);
    assertEquals(4, alias.version());
    alias.fill_(7);
    values(x, 7, 7);
    assertEquals(5, x.version());
  }
}
