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
    if (theta.array() instanceof float[] p) {
      sgd(s, p, (float[]) grad.array(), momentum == null ? null : (float[]) momentum.array());
      return;
    }
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
    if (theta.array() instanceof float[] p) {
      float[] m = (float[]) first.array();
      adam(s, stepSize, correction, p, (float[]) grad.array(), m, (float[]) second.array());
      return;
    }
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

  // The same for FLOAT32, on plain arrays: most of an optimiser's time goes into these loops.

  private static void sgd(SgdStep s, float[] theta, float[] grad, float @Nullable [] momentum) {
    for (int i = 0; i < theta.length; i++) {
      double x = theta[i];
      double g = grad[i] + s.weightDecay() * x;
      if (momentum != null) {
        double b = s.firstStep() ? g : s.momentum() * momentum[i] + (1 - s.dampening()) * g;
        momentum[i] = (float) b;
        g = s.nesterov() ? g + s.momentum() * b : b;
      }
      theta[i] = (float) (x - s.lr() * g);
    }
  }

  private static void adam(
      AdamStep s,
      double stepSize,
      double correction,
      float[] theta,
      float[] grad,
      float[] first,
      float[] second) {
    double keep = s.decoupled() ? 1 - s.lr() * s.weightDecay() : 1;
    double decay = s.decoupled() ? 0 : s.weightDecay();
    for (int i = 0; i < theta.length; i++) {
      double g = grad[i] + decay * theta[i];
      double m = s.beta1() * first[i] + (1 - s.beta1()) * g;
      double v = s.beta2() * second[i] + (1 - s.beta2()) * g * g;
      first[i] = (float) m;
      second[i] = (float) v;
      theta[i] = (float) (keep * theta[i] - stepSize * m / (Math.sqrt(v) / correction + s.eps()));
    }
  }
}
