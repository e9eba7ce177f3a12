// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three steps of each optimiser, as PyTorch's documentation writes them, of parameters of several
 * lengths in one call.
 */
interface OptimizerContract extends BackendContract {
  List<Integer> LENGTHS = List.of(1027, 3, 0, 2500, 70_000);

  /** A tensor of each parameter. */
  record Rows(List<double[]> values, List<Buffer> buffers) {}

  private Rows rows(DType dtype, long seed) {
    Rows rows = new Rows(new ArrayList<>(), new ArrayList<>());
    for (int length : LENGTHS) {
      rows.values.add(random(seed + length, length));
      rows.buffers.add(buffer(dtype, rows.values.get(rows.values.size() - 1)));
    }
    return rows;
  }

  private Rows zeros(DType dtype) {
    Rows rows = new Rows(new ArrayList<>(), new ArrayList<>());
    for (int length : LENGTHS) {
      rows.values.add(new double[length]);
      rows.buffers.add(backend().allocate(dtype, length));
    }
    return rows;
  }

  private void assertClose(String what, int summands, Rows rows) {
    for (int p = 0; p < LENGTHS.size(); p++) {
      String which = what + " of length " + LENGTHS.get(p);
      assertClose(which, summands, rows.values.get(p), rows.buffers.get(p));
    }
  }

  static Stream<SgdStep> sgdSettings() {
    return Stream.of(
        new SgdStep(0.1, 0, 0, 0, false, false, true),
        new SgdStep(0.1, 0, 0, 0.1, false, false, true),
        new SgdStep(0.1, 0, 0, 0.1, false, true, true),
        new SgdStep(0.1, 0.9, 0, 0, false, false, true),
        new SgdStep(0.1, 0.9, 0, 0, false, true, true),
        new SgdStep(0.1, 0.9, 0.5, 0.1, false, false, true),
        new SgdStep(0.1, 0.9, 1, 0.1, false, true, true),
        new SgdStep(0.1, 0.9, 0, 0, true, false, true),
        new SgdStep(0.1, 0.9, 0, 0.1, true, false, true),
        new SgdStep(0.1, 0.9, 0, 0.1, true, true, true));
  }

  private static SgdStep later(SgdStep s) {
    return new SgdStep(
        s.lr(), s.momentum(), s.dampening(), s.weightDecay(), s.nesterov(), s.maximize(), false);
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.OptimizerContract#sgdSettings")
  default void sgd(SgdStep first) {
    for (DType dtype : types()) {
      Rows theta = rows(dtype, 1);
      Rows momentum = zeros(dtype);
      momentum.buffers.forEach(b -> backend().fill(b, Double.NaN)); // the first step fills it
      List<Buffer> momenta = first.momentum() == 0 ? List.of() : momentum.buffers;
      for (int step = 1; step <= 3; step++) {
        SgdStep now = step == 1 ? first : later(first);
        Rows grad = rows(dtype, 10_000L * step);
        backend().sgdStep(now, theta.buffers, grad.buffers, momenta);
        for (int p = 0; p < LENGTHS.size(); p++) {
          sgd(now, theta.values.get(p), grad.values.get(p), momentum.values.get(p));
        }
        assertClose(now.toString(), step, theta);
        if (now.momentum() != 0) {
          assertClose("momentum, " + now, step, momentum);
        }
      }
    }
  }

  private static void sgd(SgdStep s, double[] theta, double[] grad, double[] b) {
    for (int i = 0; i < theta.length; i++) {
      double d = (s.maximize() ? -grad[i] : grad[i]) + s.weightDecay() * theta[i];
      b[i] = s.firstStep() ? d : s.momentum() * b[i] + (1 - s.dampening()) * d;
      if (s.momentum() != 0) {
        d = s.nesterov() ? d + s.momentum() * b[i] : b[i];
      }
      theta[i] -= s.lr() * d;
    }
  }

  static Stream<AdamStep> adamSettings() {
    return Stream.of(
        new AdamStep(0.1, 0.9, 0.999, 1e-8, 0, false, false, 1),
        new AdamStep(0.1, 0.5, 0.7, 0.1, 0.1, false, false, 1),
        new AdamStep(0.1, 0.5, 0.7, 0.1, 0.1, false, true, 1),
        new AdamStep(0.1, 0.9, 0.999, 1e-8, 0.1, true, false, 1),
        new AdamStep(0.1, 0.9, 0.999, 1e-8, 0.1, true, true, 1));
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.OptimizerContract#adamSettings")
  default void adam(AdamStep s) {
    adam(s, false);
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.OptimizerContract#adamSettings")
  @DisplayName("amsgrad divides by the root of the largest second moment so far")
  default void amsgrad(AdamStep s) {
    adam(s, true);
  }

  private void adam(AdamStep s, boolean amsgrad) {
    for (DType dtype : types()) {
      Rows theta = rows(dtype, 1);
      Rows m = zeros(dtype);
      Rows v = zeros(dtype);
      Rows max = zeros(dtype);
      List<Buffer> maxima = amsgrad ? max.buffers : List.of();
      for (int step = 1; step <= 3; step++) {
        AdamStep now =
            new AdamStep(
                s.lr(),
                s.beta1(),
                s.beta2(),
                s.eps(),
                s.weightDecay(),
                s.decoupled(),
                s.maximize(),
                step);
        Rows grad = rows(dtype, 10_000L * step);
        backend().adamStep(now, theta.buffers, grad.buffers, m.buffers, v.buffers, maxima);
        for (int p = 0; p < LENGTHS.size(); p++) {
          adam(
              now,
              theta.values.get(p),
              grad.values.get(p),
              m.values.get(p),
              v.values.get(p),
              amsgrad ? max.values.get(p) : v.values.get(p));
        }
        assertClose(now.toString(), step, theta);
        assertClose("first moment, " + now, step, m);
        assertClose("second moment, " + now, step, v);
        if (amsgrad) {
          assertClose("largest second moment, " + now, step, max);
        }
      }
    }
  }

  private static void adam(
      AdamStep s, double[] theta, double[] grad, double[] m, double[] v, double[] under) {
    for (int i = 0; i < theta.length; i++) {
      double g = s.maximize() ? -grad[i] : grad[i];
      double d = s.decoupled() ? g : g + s.weightDecay() * theta[i];
      theta[i] *= s.decoupled() ? 1 - s.lr() * s.weightDecay() : 1;
      m[i] = s.beta1() * m[i] + (1 - s.beta1()) * d;
      v[i] = s.beta2() * v[i] + (1 - s.beta2()) * d * d;
      under[i] = Math.max(under[i], v[i]);
      double mHat = m[i] / (1 - Math.pow(s.beta1(), s.step()));
      double vHat = under[i] / (1 - Math.pow(s.beta2(), s.step()));
      theta[i] -= s.lr() * mHat / (Math.sqrt(vHat) + s.eps());
    }
  }

  @Test
  @DisplayName("a gradient that is infinite or NaN spoils its own element and no other")
  default void notFinite() {
    double inf = Double.POSITIVE_INFINITY;
    for (DType dtype : types()) {
      Buffer theta = buffer(dtype, 1, 1, 1, 1);
      Buffer momentum = buffer(dtype, 0, 0, 0, 0);
      Buffer grad = buffer(dtype, inf, -inf, Double.NaN, 1);
      for (boolean firstStep : new boolean[] {true, false}) {
        SgdStep s = new SgdStep(0.5, 0.5, 0, 0, false, false, firstStep);
        backend().sgdStep(s, List.of(theta), List.of(grad), List.of(momentum));
      }
      assertArrayEquals(new double[] {inf, -inf, Double.NaN, 1.5}, read(momentum), dtype.name());
      assertArrayEquals(new double[] {-inf, inf, Double.NaN, -0.25}, read(theta), dtype.name());
      Buffer weight = buffer(dtype, 1, 1, 1, 1);
      Buffer first = buffer(dtype, 0, 0, 0, 0);
      Buffer second = buffer(dtype, 0, 0, 0, 0);
      Buffer largest = buffer(dtype, 0, 0, 0, 0);
      AdamStep adam = new AdamStep(0.5, 0.5, 0.5, 0, 0, false, false, 1);
      backend()
          .adamStep(
              adam,
              List.of(weight),
              List.of(grad),
              List.of(first),
              List.of(second),
              List.of(largest));
      assertArrayEquals(new double[] {inf, inf, Double.NaN, 0.5}, read(largest), dtype.name());
      double[] expected = {Double.NaN, Double.NaN, Double.NaN, 0.5}; // inf/inf
      assertArrayEquals(expected, read(weight), 1e-6, dtype.name());
    }
  }
}
