// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SgdStep;
import org.jspecify.annotations.Nullable;

/** PyTorch's updates, in the precision of the parameter. */
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

  // The same for FLOAT32 and in its precision, as PyTorch does it: most of an optimiser's time goes
  // into these loops, of which the JIT makes vector code as long as nothing in them branches.

  private static void sgd(SgdStep s, float[] theta, float[] grad, float @Nullable [] momentum) {
    float lr = (float) s.lr();
    float decay = (float) s.weightDecay();
    if (momentum == null) {
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= lr * (grad[i] + decay * theta[i]);
      }
      return;
    }
    if (s.firstStep()) {
      for (int i = 0; i < theta.length; i++) {
        momentum[i] = grad[i] + decay * theta[i];
      }
    } else {
      float mu = (float) s.momentum();
      float damped = (float) (1 - s.dampening());
      for (int i = 0; i < theta.length; i++) {
        momentum[i] = mu * momentum[i] + damped * (grad[i] + decay * theta[i]);
      }
    }
    if (s.nesterov()) {
      float mu = (float) s.momentum();
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= lr * (grad[i] + decay * theta[i] + mu * momentum[i]);
      }
    } else {
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= lr * momentum[i];
      }
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
    float keep = (float) (s.decoupled() ? 1 - s.lr() * s.weightDecay() : 1);
    float decay = (float) (s.decoupled() ? 0 : s.weightDecay());
    float beta1 = (float) s.beta1();
    float beta2 = (float) s.beta2();
    float new1 = (float) (1 - s.beta1());
    float new2 = (float) (1 - s.beta2());
    float size = (float) stepSize;
    float root = (float) (1 / correction);
    float eps = (float) s.eps();
    for (int i = 0; i < theta.length; i++) {
      float g = grad[i] + decay * theta[i];
      float m = beta1 * first[i] + new1 * g;
      float v = beta2 * second[i] + new2 * (g * g);
      first[i] = m;
      second[i] = v;
      theta[i] = keep * theta[i] - size * m / ((float) Math.sqrt(v) * root + eps);
    }
  }
}
