// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.Backward.grads;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Warnings;
import io.sparkgrad.backend.DType;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class GradCheckTest {
  private static final GradCheck.Options QUIET = GradCheck.Options.DEFAULT.withRaise(false);

  private static Tensor leaf(double... values) {
    return Tensor.of(values).requiresGrad_();
  }

  /** An operation whose forward is x² and whose backward is up to the test. */
  private static UnaryOperator<Tensor> squareWith(Backward backward) {
    return x -> {
      Tensor y = x.detach().square();
      return Tape.record("Square", y, new Tensor[] {x}, saver -> backward);
    };
  }

  private static void assertFails(String fragment, UnaryOperator<Tensor> function) {
    Function<List<Tensor>, List<Tensor>> f = in -> List.of(function.apply(in.get(0)));
    var e =
        assertThrows(
            GradCheckException.class, () -> GradCheck.gradcheck(f, List.of(leaf(1, -2, 3))));
    assertTrue(e.getMessage().contains(fragment), e.getMessage());
    assertFalse(GradCheck.gradcheck(f, List.of(leaf(1, -2, 3)), QUIET));
  }

  @Test
  @DisplayName("GC-1 right formulas pass, of one and of several inputs and outputs")
  void right() {
    assertTrue(GradCheck.gradcheck(x -> x.mul(5), leaf(1, 2)));
    assertTrue(
        GradCheck.gradcheck(
            in -> List.of(in.get(0).mul(in.get(1)).tanh(), in.get(0).exp().sum()),
            List.of(leaf(1, 2), leaf(.5, .3))));
  }

  @Test
  @DisplayName("GC-1, K01: products, constant factors, an input without influence; second of x³")
  void conformanceCases() {
    assertTrue(
        GradCheck.gradcheck(
            in -> List.of(in.get(0).mul(in.get(1)).sin()), List.of(leaf(1, 2), leaf(.5, .3))));
    assertTrue(GradCheck.gradcheck(x -> x.mul(5), leaf(1, 2)));
    assertTrue(
        GradCheck.gradcheck(in -> List.of(in.get(0).square()), List.of(leaf(1, 2), leaf(3))));
    assertTrue(GradCheck.gradgradcheck(x -> x.pow(3), leaf(1, 2)));
  }

  @Test
  @DisplayName("GC-1 the tolerance is atol + rtol·|n|")
  void tolerance() {
    // The formula says 3x where 2x is right: 0.5 off at 0.5.
    Tensor x = leaf(0.5);
    Function<List<Tensor>, List<Tensor>> f =
        in -> List.of(squareWith((g, needs) -> grads(g.mul(x.detach()).mul(3))).apply(in.get(0)));
    assertTrue(GradCheck.gradcheck(f, List.of(x), QUIET.withAtol(0.51)));
    assertFalse(GradCheck.gradcheck(f, List.of(x), QUIET.withAtol(0.49)));
    assertTrue(GradCheck.gradcheck(f, List.of(x), QUIET.withRtol(0.51)));
    assertFalse(GradCheck.gradcheck(f, List.of(x), QUIET.withRtol(0.49)));
  }

  @Test
  @DisplayName(
      "GC-2, K03 without an input that requires a gradient it throws, also if it is not to raise")
  void nothingToCheck() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                GradCheck.gradcheck(
                    in -> List.of(in.get(0)), List.of(Tensor.of(new double[] {1})), QUIET));
    assertTrue(e.getMessage().contains("at least one input tensor"), e.getMessage());
  }

  @Test
  @DisplayName("GC-3 a wrong formula is reported with both Jacobians")
  void wrongFormula() {
    Tensor x = leaf(1, 2);
    var e =
        assertThrows(
            GradCheckException.class,
            () -> GradCheck.gradcheck(squareWith((g, needs) -> grads(g.mul(x.detach()))), x));
    assertEquals(
        """
        Jacobian mismatch for output 0 with respect to input 0,
        numerical: [[2.00000, 0.00000], [0.00000, 4.00000]]
        analytical: [[1.00000, 0.00000], [0.00000, 2.00000]]""",
        e.getMessage());
    assertFails("Jacobian mismatch", squareWith((g, needs) -> grads(g.mul(2))));
  }

  @Test
  @DisplayName("GC-3 a missing gradient counts as zero, NaN as wrong")
  void missingAndNaN() {
    assertFails("Jacobian mismatch", squareWith((g, needs) -> grads((Tensor) null)));
    assertFails("Jacobian mismatch", squareWith((g, needs) -> grads(g.mul(Double.NaN))));
  }

  @Test
  @DisplayName("GC-3 a backward that differs from run to run is not reentrant")
  void notReentrant() {
    AtomicInteger calls = new AtomicInteger();
    UnaryOperator<Tensor> drifting =
        x -> {
          Tensor y = x.detach().mul(2);
          return Tape.record(
              "Twice",
              y,
              new Tensor[] {x},
              saver -> (g, needs) -> grads(g.mul(2 + 1e-7 * calls.incrementAndGet())));
        };
    assertFails("not reentrant", drifting);
    assertTrue(
        GradCheck.gradcheck(
            in -> List.of(drifting.apply(in.get(0))),
            List.of(leaf(1, 2)),
            GradCheck.Options.DEFAULT.withNondetTol(1e-5)));
  }

  @Test
  @DisplayName("GC-3 a gradient that is not a multiple of grad_output")
  void notMultiplied() {
    // Right for every unit vector: x of one element, g = 1.
    Tensor x = leaf(3);
    UnaryOperator<Tensor> f = squareWith((g, needs) -> grads(g.mul(0).add(6)));
    var e = assertThrows(GradCheckException.class, () -> GradCheck.gradcheck(f, x));
    assertTrue(e.getMessage().contains("not multiplied by grad_output"), e.getMessage());
  }

  @Test
  @DisplayName("GC-3 an output without history that depends on the input")
  void detached() {
    assertFails("Numerical gradient for function expected to be zero", x -> x.detach().square());
    assertTrue(GradCheck.gradcheck(x -> Tensor.onesLike(x), leaf(1, 2)));
  }

  @Test
  @DisplayName("GC-4 the output must not change its shape with the input")
  void changingShape() {
    assertFails(
        "changed its shape", x -> x.toDoubleArray()[0] > 1 ? x.narrow(0, 0, 2) : x.square());
  }

  @Test
  @DisplayName("GC-5 second derivatives: a formula that is not differentiable itself fails")
  void second() {
    assertTrue(GradCheck.gradgradcheck(x -> x.pow(3), leaf(1, -2)));
    Function<List<Tensor>, List<Tensor>> constantFormula =
        in -> {
          Tensor x = in.get(0);
          return List.of(squareWith((g, needs) -> grads(g.mul(x.detach().mul(2)))).apply(x));
        };
    assertTrue(GradCheck.gradcheck(constantFormula, List.of(leaf(1, -2))));
    var e =
        assertThrows(
            GradCheckException.class,
            () -> GradCheck.gradgradcheck(constantFormula, List.of(leaf(1, -2))));
    assertTrue(e.getMessage().contains("Jacobian mismatch"), e.getMessage());
    assertFalse(GradCheck.gradgradcheck(constantFormula, List.of(leaf(1, -2)), QUIET));
  }

  @Test
  @DisplayName("GC-6 an unrelated input and one without gradient are fine")
  void unrelated() {
    Tensor plain = Tensor.of(new double[] {4, 5});
    List<Tensor> inputs = List.of(leaf(1, 2), leaf(7), plain);
    Function<List<Tensor>, List<Tensor>> f = in -> List.of(in.get(0).square().mul(in.get(2)));
    assertTrue(GradCheck.gradcheck(f, inputs));
    assertTrue(GradCheck.gradgradcheck(f, inputs));
  }

  @Test
  @DisplayName("inputs keep values and version, and get no gradient; empty ones pass")
  void leavesNoTrace() {
    Tensor x = leaf(1.25, -2);
    GradCheck.gradcheck(t -> t.square(), x);
    GradCheck.gradgradcheck(t -> t.square(), x);
    assertArrayEquals(new double[] {1.25, -2}, x.toDoubleArray());
    assertEquals(0, x.version());
    assertNull(x.grad());
    assertTrue(
        GradCheck.gradgradcheck(t -> t.square(), Tensor.of(new double[0], 0, 3).requiresGrad_()));
  }

  @Test
  @DisplayName("GC-2 FLOAT32 is checked too, with a warning, within what its precision allows")
  void singlePrecision() {
    Tensor x = Tensor.of(new float[] {1, 2}).requiresGrad_();
    assertEquals(DType.FLOAT32, x.dtype());
    var options = GradCheck.Options.DEFAULT.withEps(1e-2).withAtol(1e-3);
    List<String> warnings =
        Warnings.of(
            GradCheck.class,
            () ->
                assertTrue(
                    GradCheck.gradcheck(in -> List.of(in.get(0).square()), List.of(x), options)));
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).contains("use FLOAT64"), warnings.get(0));
  }
}
