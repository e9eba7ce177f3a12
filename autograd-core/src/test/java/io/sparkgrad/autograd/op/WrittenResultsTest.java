// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static java.lang.reflect.Modifier.isPublic;
import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.InplaceModificationException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorOperations;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation that is not a reshape gives a tensor that may be written while recording. */
class WrittenResultsTest {
  /** Share the storage of their input, see InPlaceViewsTest. */
  private static final Set<String> RESHAPES = Set.of("reshape", "flatten", "squeeze", "unsqueeze");

  /** Give integers, or the tensor itself. */
  private static final Set<String> OTHERS = Set.of("argmax", "to");

  /** Need their result for the gradient, as in PyTorch: there the write is noticed. */
  private static final Set<String> SAVE_RESULT =
      Set.of(
          "reciprocal",
          "exp",
          "expm1",
          "sqrt",
          "rsqrt",
          "tan",
          "relu",
          "sigmoid",
          "tanh",
          "softmax",
          "logSoftmax",
          "max",
          "amax",
          "amax kept",
          "prod",
          "prod kept",
          "logSumExp",
          "logSumExp kept",
          "norm",
          "norm axis",
          "norm of infinity",
          "cumprod");

  static Stream<String> table() {
    return OperationTable.ALL.keySet().stream();
  }

  private static Tensor leaf() {
    return t(new double[] {0.5, 1.25, 0.75, 2.25, 1.5, 0.125}, 2, 3).requiresGrad_();
  }

  /** A gradient for y that differs everywhere. */
  private static Tensor weights(Tensor y) {
    double[] w = new double[(int) y.numel()];
    Arrays.setAll(w, i -> i + 1);
    return t(w).reshape(y.shape().dims()).to(y.dtype());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  @DisplayName("INP-6, INP-10: a result owns what it is made of, and its input is left alone")
  void resultIsWritten(String name) {
    UnaryOperator<Tensor> op = OperationTable.ALL.get(name);
    Tensor expected = leaf();
    Tensor twin = op.apply(expected.copy()).add(1);
    twin.backward(weights(twin));
    Tensor leaf = leaf();
    Tensor x = leaf.copy();
    Tensor y = op.apply(x);
    assertSame(y, y.add_(1));
    values(y, twin.shape(), twin.toDoubleArray());
    values(x, leaf.toDoubleArray());
    assertEquals(0, x.version());
    if (SAVE_RESULT.contains(name)) {
      assertThrows(InplaceModificationException.class, () -> y.backward(weights(y)));
    } else {
      y.backward(weights(y));
      values(leaf.grad(), expected.grad().toDoubleArray());
    }
    assertFalse(op.apply(leaf.copy()).detach_().requiresGrad());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  @DisplayName("VIEW-6: a result that was computed under noGrad is no view either")
  void untrackedResultIsWritten(String name) {
    Tensor y;
    try (var mode = GradMode.noGrad()) {
      y = OperationTable.ALL.get(name).apply(leaf());
    }
    Tensor r = v(1).sum().to(y.dtype()).requiresGrad_();
    y.add_(r).sum().backward();
    values(r.grad(), y.numel());
  }

  @Test
  @DisplayName("the table names every operation that a tensor has")
  void tableIsComplete() {
    Set<String> named =
        OperationTable.ALL.keySet().stream()
            .map(n -> n.replaceFirst(" .*", ""))
            .collect(toCollection(TreeSet::new));
    named.addAll(RESHAPES);
    named.addAll(OTHERS);
    Set<String> missing = new TreeSet<>();
    for (Class<?> c = TensorOperations.class; c != Object.class; c = c.getSuperclass()) {
      for (Method m : c.getDeclaredMethods()) {
        if (m.getReturnType() == Tensor.class
            && !m.getName().endsWith("_")
            && isPublic(m.getModifiers())) {
          missing.add(m.getName());
        }
      }
    }
    missing.removeAll(named);
    assertEquals(Set.of(), missing);
  }
}
