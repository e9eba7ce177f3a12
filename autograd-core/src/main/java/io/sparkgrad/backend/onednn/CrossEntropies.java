// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CrossEntropyGeometry;
import io.sparkgrad.backend.SoftmaxKernel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cross entropy with class numbers and its gradient; oneDNN has the log softmax in it. */
final class CrossEntropies {
  private final Softmaxes softmaxes;

  CrossEntropies(Softmaxes softmaxes) {
    this.softmaxes = softmaxes;
  }

  void forward(
      CrossEntropyGeometry geometry,
      Buffer x,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer logs,
      Buffer losses) {
    int rows = geometry.rows();
    int columns = geometry.columns();
    if (x.length() > 0) {
      softmaxes.forward(SoftmaxKernel.LOG_SOFTMAX, x, rows, columns, logs);
    }
    int[] classes = classes(targets);
    float[] w = weights(weight, columns);
    float[] values = new float[rows];
    float[] ofRow = new float[columns];
    try (Operands o = new Operands()) {
      FloatRows l = new FloatRows(o.read(logs, null), rows, columns);
      for (int row = 0; row < rows; row++) {
        int t = classes[row];
        if (t < 0) {
          continue;
        }
        double sum = geometry.onTarget() * w[t] * l.get(row, t);
        if (geometry.onEach() > 0) {
          l.read(row, ofRow);
          sum += geometry.onEach() * dot(w, ofRow);
        }
        values[row] = (float) -sum;
      }
    }
    losses.backend().upload(values, losses);
  }

  /** That of the logs first, in the place of the result, then of the log softmax. */
  void gradient(
      CrossEntropyGeometry geometry,
      Buffer logs,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer lossGradients,
      Buffer xGradient) {
    int rows = geometry.rows();
    int columns = geometry.columns();
    int[] classes = classes(targets);
    float[] w = weights(weight, columns);
    float[] g = new float[rows];
    lossGradients.backend().download(lossGradients, g);
    float[] ofRow = new float[columns];
    try (Operands o = new Operands()) {
      FloatRows out = new FloatRows(o.overwrite(xGradient, null), rows, columns);
      for (int row = 0; row < rows; row++) {
        int t = classes[row];
        float each = t < 0 || geometry.onEach() == 0 ? 0 : (float) (g[row] * geometry.onEach());
        for (int c = 0; each != 0 && c < columns; c++) {
          ofRow[c] = -each * w[c];
        }
        if (t >= 0) {
          ofRow[t] -= (float) (g[row] * geometry.onTarget() * w[t]);
        }
        out.write(ofRow, row);
        Arrays.fill(ofRow, 0);
      }
    }
    if (logs.length() > 0) {
      softmaxes.gradient(SoftmaxKernel.LOG_SOFTMAX, logs, xGradient, rows, columns, xGradient);
    }
  }

  /** Four sums at a time, none of which waits for the others. */
  private static double dot(float[] a, float[] b) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int i = 0;
    for (; i + 3 < a.length; i += 4) {
      first += a[i] * b[i];
      second += a[i + 1] * b[i + 1];
      third += a[i + 2] * b[i + 2];
      fourth += a[i + 3] * b[i + 3];
    }
    for (; i < a.length; i++) {
      first += a[i] * b[i];
    }
    return first + second + (third + fourth);
  }

  private static int[] classes(Buffer targets) {
    long[] classes = new long[Math.toIntExact(targets.length())];
    targets.backend().download(targets, classes);
    return Arrays.stream(classes).mapToInt(Math::toIntExact).toArray();
  }

  private static float[] weights(@Nullable Buffer weight, int classes) {
    float[] weights = new float[classes];
    if (weight == null) {
      Arrays.fill(weights, 1);
    } else {
      weight.backend().download(weight, weights);
    }
    return weights;
  }
}
