// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Three steps of each optimiser, as PyTorch's documentation writes them. */
interface OptimizerContract extends BackendContract {
  int LENGTH = 1027;

  static Stream<SgdStep> sgdSettings() {
    return Stream.of(
        new SgdStep(0.1, 0, 0, 0, false, true),
        new SgdStep(0.1, 0, 0, 0.1, false, true),
        new SgdStep(0.1, 0.9, 0, 0, false, true),
        new SgdStep(0.1, 0.9, 0.5, 0.1, false, true),
        new SgdStep(0.1, 0.9, 0, 0.1, true, true));
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.OptimizerContract#sgdSettings")
  default void sgd(SgdStep s) {
    for (DType dtype : types()) {
      double[] theta = random(1, LENGTH);
      double[] b = new double[LENGTH];
      Buffer parameter = buffer(dtype, theta);
      Buffer momentum = s.momentum() == 0 ? null : dirty(dtype, LENGTH); // the first step fills it
      for (int step = 1; step <= 3; step++) {
        double[] g = random(10 + step, LENGTH);
        SgdStep now =
            new SgdStep(
                s.lr(), s.momentum(), s.dampening(), s.weightDecay(), s.nesterov(), step == 1);
        backend().sgdStep(now, parameter, buffer(dtype, g), momentum);
        for (int i = 0; i < LENGTH; i++) {
          double d = g[i] + s.weightDecay() * theta[i];
          b[i] = step == 1 ? d : s.momentum() * b[i] + (1 - s.dampening()) * d;
          if (s.momentum() != 0) {
            d = s.nesterov() ? d + s.momentum() * b[i] : b[i];
          }
          theta[i] -= s.lr() * d;
        }
        assertClose(now.toString(), step, theta, parameter);
        if (momentum != null) {
          assertClose(now.toString(), step, b, momentum);
        }
      }
    }
  }

  static Stream<AdamStep> adamSettings() {
    return Stream.of(
        new AdamStep(0.1, 0.9, 0.999, 1e-8, 0, false, 1),
        new AdamStep(0.1, 0.5, 0.7, 0.1, 0.1, false, 1),
        new AdamStep(0.1, 0.9, 0.999, 1e-8, 0.1, true, 1));
  }

  @ParameterizedTest
  @MethodSource("io.sparkgrad.backend.OptimizerContract#adamSettings")
  default void adam(AdamStep s) {
    for (DType dtype : types()) {
      double[] theta = random(1, LENGTH);
      double[] m = new double[LENGTH];
      double[] v = new double[LENGTH];
      Buffer parameter = buffer(dtype, theta);
      Buffer first = buffer(dtype, m);
      Buffer second = buffer(dtype, v);
      for (int step = 1; step <= 3; step++) {
        double[] g = random(10 + step, LENGTH);
        AdamStep now =
            new AdamStep(
                s.lr(), s.beta1(), s.beta2(), s.eps(), s.weightDecay(), s.decoupled(), step);
        backend().adamStep(now, parameter, buffer(dtype, g), first, second);
        for (int i = 0; i < LENGTH; i++) {
          double d = s.decoupled() ? g[i] : g[i] + s.weightDecay() * theta[i];
          theta[i] *= s.decoupled() ? 1 - s.lr() * s.weightDecay() : 1;
          m[i] = s.beta1() * m[i] + (1 - s.beta1()) * d;
          v[i] = s.beta2() * v[i] + (1 - s.beta2()) * d * d;
          double mHat = m[i] / (1 - Math.pow(s.beta1(), step));
          double vHat = v[i] / (1 - Math.pow(s.beta2(), step));
          theta[i] -= s.lr() * mHat / (Math.sqrt(vHat) + s.eps());
        }
        assertClose(now.toString(), step, theta, parameter);
        assertClose(now.toString(), step, m, first);
        assertClose(now.toString(), step, v, second);
      }
    }
  }
}
