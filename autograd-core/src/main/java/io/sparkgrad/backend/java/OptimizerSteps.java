// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SgdStep;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PyTorch's updates, in the precision of the parameter. */
final class OptimizerSteps {
  private OptimizerSteps() {}

  static void sgd(
      SgdStep s, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> momenta) {
    for (int i = 0; i < parameters.size(); i++) {
      HeapBuffer theta = HeapBuffer.of(parameters.get(i));
      HeapBuffer grad = HeapBuffer.of(gradients.get(i));
      HeapBuffer momentum = momenta.isEmpty() ? null : HeapBuffer.of(momenta.get(i));
      if (theta.array() instanceof float[] p) {
        sgd(s, p, (float[]) grad.array(), momentum == null ? null : (float[]) momentum.array());
      } else {
        sgd(s, theta, grad, momentum);
      }
    }
  }

  private static void sgd(
      SgdStep s, HeapBuffer theta, HeapBuffer grad, @Nullable HeapBuffer momentum) {
    double sign = s.maximize() ? -1 : 1;
    for (int i = 0; i < theta.size(); i++) {
      double x = theta.get(i);
      double g = decayed(sign * grad.get(i), s.weightDecay(), x);
      if (momentum != null) {
        double b = s.firstStep() ? g : s.momentum() * momentum.get(i) + (1 - s.dampening()) * g;
        momentum.set(i, b);
        g = s.nesterov() ? g + s.momentum() * b : b;
      }
      theta.set(i, x - s.lr() * g);
    }
  }

  static void adam(
      AdamStep s,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs) {
    double stepSize = s.lr() / (1 - Math.pow(s.beta1(), s.step()));
    double correction = Math.sqrt(1 - Math.pow(s.beta2(), s.step()));
    for (int i = 0; i < parameters.size(); i++) {
      HeapBuffer theta = HeapBuffer.of(parameters.get(i));
      HeapBuffer grad = HeapBuffer.of(gradients.get(i));
      HeapBuffer first = HeapBuffer.of(expAvgs.get(i));
      HeapBuffer second = HeapBuffer.of(expAvgSqs.get(i));
      HeapBuffer largest = maxExpAvgSqs.isEmpty() ? null : HeapBuffer.of(maxExpAvgSqs.get(i));
      if (theta.array() instanceof float[] p) {
        float[] m = (float[]) first.array();
        float[] v = (float[]) second.array();
        moments(s, p, (float[]) grad.array(), m, v);
        float[] under = largest == null ? v : larger(v, (float[]) largest.array());
        adam(s, stepSize, correction, p, m, under);
      } else {
        adam(s, stepSize, correction, theta, grad, first, second, largest);
      }
    }
  }

  private static void adam(
      AdamStep s,
      double stepSize,
      double correction,
      HeapBuffer theta,
      HeapBuffer grad,
      HeapBuffer first,
      HeapBuffer second,
      @Nullable HeapBuffer largest) {
    double sign = s.maximize() ? -1 : 1;
    for (int i = 0; i < theta.size(); i++) {
      double x = theta.get(i);
      double g = sign * grad.get(i);
      if (s.decoupled()) {
        x *= 1 - s.lr() * s.weightDecay();
      } else {
        g = decayed(g, s.weightDecay(), x);
      }
      double m = s.beta1() * first.get(i) + (1 - s.beta1()) * g;
      double v = s.beta2() * second.get(i) + (1 - s.beta2()) * g * g;
      first.set(i, m);
      second.set(i, v);
      if (largest != null) {
        v = Math.max(largest.get(i), v);
        largest.set(i, v);
      }
      theta.set(i, x - stepSize * m / (Math.sqrt(v) / correction + s.eps()));
    }
  }

  private static double decayed(double g, double weightDecay, double x) {
    return weightDecay == 0 ? g : g + weightDecay * x; // 0 times an infinity would be NaN
  }

  // The same for FLOAT32 and in its precision, as PyTorch does it: most of an optimiser's time goes
  // into these loops, of which the JIT makes vector code as long as nothing in them branches but on
  // what is the same for all elements.

  private static void sgd(SgdStep s, float[] theta, float[] grad, float @Nullable [] momentum) {
    float lr = (float) s.lr();
    float sign = s.maximize() ? -1 : 1;
    float decay = (float) s.weightDecay();
    if (momentum == null) {
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= lr * decayed(sign * grad[i], decay, theta[i]);
      }
      return;
    }
    if (s.firstStep()) {
      for (int i = 0; i < theta.length; i++) {
        momentum[i] = decayed(sign * grad[i], decay, theta[i]);
      }
    } else {
      float mu = (float) s.momentum();
      float damped = (float) (1 - s.dampening());
      for (int i = 0; i < theta.length; i++) {
        momentum[i] = mu * momentum[i] + damped * decayed(sign * grad[i], decay, theta[i]);
      }
    }
    if (s.nesterov()) {
      float mu = (float) s.momentum();
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= lr * (decayed(sign * grad[i], decay, theta[i]) + mu * momentum[i]);
      }
    } else {
      for (int i = 0; i < theta.length; i++) {
        theta[i] -= lr * momentum[i];
      }
    }
  }

  private static float decayed(float g, float decay, float x) {
    return decay == 0 ? g : g + decay * x;
  }

  private static void moments(
      AdamStep s, float[] theta, float[] grad, float[] first, float[] second) {
    float sign = s.maximize() ? -1 : 1;
    float decay = (float) (s.decoupled() ? 0 : s.weightDecay());
    float beta1 = (float) s.beta1();
    float beta2 = (float) s.beta2();
    float new1 = (float) (1 - s.beta1());
    float new2 = (float) (1 - s.beta2());
    for (int i = 0; i < theta.length; i++) {
      float g = decayed(sign * grad[i], decay, theta[i]);
      first[i] = beta1 * first[i] + new1 * g;
      second[i] = beta2 * second[i] + new2 * (g * g);
    }
  }

  /** Raises {@code largest} to {@code x} where that is larger. */
  private static float[] larger(float[] x, float[] largest) {
    for (int i = 0; i < x.length; i++) {
      largest[i] = Math.max(largest[i], x[i]);
    }
    return largest;
  }

  private static void adam(
      AdamStep s, double stepSize, double correction, float[] theta, float[] m, float[] v) {
    float keep = (float) (s.decoupled() ? 1 - s.lr() * s.weightDecay() : 1);
    float size = (float) stepSize;
    float root = (float) (1 / correction);
    float eps = (float) s.eps();
    for (int i = 0; i < theta.length; i++) {
      theta[i] = keep * theta[i] - size * m[i] / ((float) Math.sqrt(v[i]) * root + eps);
    }
  }
}
