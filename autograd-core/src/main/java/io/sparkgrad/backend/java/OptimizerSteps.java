// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SgdStep;
import org.jspecify.annotations.Nullable;

/** One pass over parameter, gradient and state; arithmetic in double, state rounded to its type. */
final class OptimizerSteps {
  private OptimizerSteps() {}

  static void sgd(SgdStep s, Buffer parameter, Buffer gradient, @Nullable Buffer momentumBuffer) {
    HeapBuffer theta = HeapBuffer.of(parameter);
    HeapBuffer grad = HeapBuffer.of(gradient);
    HeapBuffer momentum = momentumBuffer == null ? null : HeapBuffer.of(momentumBuffer);
    for (int i = 0; i < theta.size(); i++) {
      double x = theta.get(i);
      double g = grad.get(i) + s.weightDecay() * x;
      if (momentum != null) {
        double b = s.firstStep() ? g : s.momentum() * momentum.get(i) + (1 - s.dampening()) * g;
        momentum.set(i, b);
        g = s.nesterov() ? g + s.momentum() * b : b;
      }
      theta.set(i, x - s.lr() * g);
    }
  }

  static void adam(AdamStep s, Buffer parameter, Buffer gradient, Buffer expAvg, Buffer expAvgSq) {
    HeapBuffer theta = HeapBuffer.of(parameter);
    HeapBuffer grad = HeapBuffer.of(gradient);
    HeapBuffer first = HeapBuffer.of(expAvg);
    HeapBuffer second = HeapBuffer.of(expAvgSq);
    double stepSize = s.lr() / (1 - Math.pow(s.beta1(), s.step()));
    double correction = Math.sqrt(1 - Math.pow(s.beta2(), s.step()));
    for (int i = 0; i < theta.size(); i++) {
      double x = theta.get(i);
      double g = grad.get(i);
      if (s.decoupled()) {
        x *= 1 - s.lr() * s.weightDecay();
      } else {
        g += s.weightDecay() * x;
      }
      double m = s.beta1() * first.get(i) + (1 - s.beta1()) * g;
      double v = s.beta2() * second.get(i) + (1 - s.beta2()) * g * g;
      first.set(i, m);
      second.set(i, v);
      theta.set(i, x - stepSize * m / (Math.sqrt(v) / correction + s.eps()));
    }
  }
}
