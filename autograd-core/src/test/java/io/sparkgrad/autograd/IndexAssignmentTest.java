// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.arange;
import static io.sparkgrad.autograd.op.OpChecks.gradients;
import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.DType;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code x[i] = value}, which is {@code x.indexPut_(at(i), value)}. */
class IndexAssignmentTest {
  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  private static Tensor zeros(long... shape) {
    return Tensor.zeros(shape).to(DType.FLOAT64);
  }

  private static List<Tensor> at(long... indices) {
    return List.of(Tensor.of(indices));
  }

  @Test
  @DisplayName("C05: a number in one place, and in a list of places, takes their gradient away")
  void number() {
    Tensor x = leaf(1, 1, 1, 1, 1);
    Tensor y = x.add(2);
    assertEquals(0, y.version());
    y.indexPut_(at(1), 2);
    assertEquals(1, y.version());
    values(y, 3, 2, 3, 3, 3);
    y.backward(Tensor.onesLike(y));
    values(x.grad(), 1, 0, 1, 1, 1);
    Tensor list = leaf(1, 1, 1, 1, 1);
    Tensor z = list.add(2).indexPut_(at(0, 3), 7);
    values(z, 7, 3, 3, 7, 3);
    z.sum().backward();
    values(list.grad(), 0, 1, 1, 0, 1);
  }

  @Test
  @DisplayName("C06, INP-9: a row moves the gradient from the old values to the new")
  void row() {
    Tensor x = t(new double[] {1, 1, 1, 1, 1, 1}, 2, 3).requiresGrad_();
    Tensor val = leaf(7, 7, 7);
    Tensor y = x.add(2).indexPut_(at(1), val);
    values(y, 3, 3, 3, 7, 7, 7);
    y.backward(arange(2, 3));
    values(x.grad(), 0, 1, 2, 0, 0, 0);
    values(val.grad(), 3, 4, 5);
  }

  @Test
  @DisplayName("C06: a value stretches to what it is written to, and gets the sum")
  void stretching() {
    Tensor x = leaf(1, 2, 3, 4);
    Tensor y = zeros(2, 3, 4).indexPut_(at(1), x);
    values(y.select(0, 1), 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4);
    values(y.select(0, 0).sum(), 0);
    y.backward(Tensor.onesLike(y));
    values(x.grad(), 3, 3, 3, 3);
  }

  @Test
  @DisplayName("C09: rows of several leaves in one tensor that required no gradient")
  void assembled() {
    Tensor x = zeros(3, 2);
    Tensor y = leaf(1, 2);
    Tensor z = leaf(3, 4);
    x.indexPut_(at(0), y);
    x.indexPut_(at(1), z.mul(2));
    values(x, 1, 2, 6, 8, 0, 0);
    assertTrue(x.requiresGrad());
    x.sum().backward();
    values(y.grad(), 1, 1);
    values(z.grad(), 2, 2);
  }

  @Test
  @DisplayName("C09, INP-2: into a leaf under noGrad only, and it stays a leaf")
  void intoLeaf() {
    Tensor x = t(new double[] {1, 2, 3, 4}, 2, 2).requiresGrad_();
    Throws.saying(
        AutogradException.class,
        () -> x.indexPut_(at(0), v(7, 8)),
        "a leaf Variable that requires grad");
    try (var mode = GradMode.noGrad()) {
      x.indexPut_(at(0), v(7, 8));
    }
    values(x, 7, 8, 3, 4);
    assertTrue(x.requiresGrad());
    assertNull(x.gradFn());
    assertEquals(1, x.version());
  }

  @Test
  @DisplayName("E08: one value in two places; a graph without retainGraph is walked once")
  void twice() {
    Tensor b = leaf(1, 2, 3);
    Tensor c = zeros(3).indexPut_(at(1, 2), b.index(Tensor.of(new long[] {1, 1})));
    values(c, 0, 2, 2);
    c.backward(v(1, 1, 1), Autograd.Options.DEFAULT.withRetainGraph(true));
    values(b.grad(), 0, 2, 0);
    c.backward(v(1, 1, 1));
    values(b.grad(), 0, 4, 0);
    Throws.saying(
        GraphFreedException.class,
        () -> c.backward(v(1, 1, 1)),
        "second time",
        "retain_graph=True");
  }

  @Test
  @DisplayName("E08: a graph that saves nothing can be walked again")
  void savesNothing() {
    Tensor x = leaf(1, 2);
    Tensor y = x.add(1);
    y.backward(v(1, 1));
    y.backward(v(1, 1));
    values(x.grad(), 2, 2);
  }

  @Test
  @DisplayName("C05: first and second derivatives, of old and new values, through a view as well")
  void derivatives() {
    gradients(
        x -> x.mul(1).indexPut_(at(1), 3).indexPut_(at(0), x.select(0, 1).square()).square(),
        random(1, 2, 3));
    gradients(
        x -> {
          Tensor y = x.mul(1);
          y.reshape(6).indexPut_(at(4, 1), x.select(0, 0).narrow(0, 0, 2).square());
          return y.square();
        },
        random(2, 2, 3));
  }

  @Test
  @DisplayName("integers can be assigned as well, without a gradient")
  void integers() {
    Tensor x = Tensor.of(new long[] {1, 2, 1L << 60});
    assertArrayEquals(new long[] {1, 7, 1L << 60}, x.indexPut_(at(1), 7).toLongArray());
    Throws.saying(
        AutogradException.class,
        () -> x.indexPut_(at(1), v(7)),
        "index_put: expected tensors of one dtype, got INT64 and FLOAT64");
  }
}
