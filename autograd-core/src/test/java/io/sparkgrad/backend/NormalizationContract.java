// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batch normalisation and its gradients, against the formulas in double precision. */
interface NormalizationContract extends BackendContract {
  @ParameterizedTest(name = "[{0}, {1}, {2}, {3}], of the batch: {4}, affine: {5}")
  @CsvSource({
    "2, 3, 4, 5, true, true",
    "4, 16, 6, 6, true, true",
    "4, 16, 6, 6, false, true",
    "3, 10, 7, 1, true, false",
    "64, 5, 1, 1, true, true",
    "2, 3, 4, 5, false, false",
    "1, 40, 30, 3, false, true"
  })
  default void batchNorm(int n, int c, int h, int w, boolean ofBatch, boolean affine) {
    var geometry = new BatchNormGeometry(n, c, h, w, 1e-3, ofBatch);
    Expected e = new Expected(geometry, affine, this);
    for (DType dtype : types()) {
      Buffer x = buffer(dtype, e.x);
      Buffer weight = affine ? buffer(dtype, e.weight) : null;
      Buffer bias = affine ? buffer(dtype, e.bias) : null;
      Buffer mean = ofBatch ? dirty(dtype, c) : buffer(dtype, e.mean);
      Buffer variance = ofBatch ? dirty(dtype, c) : buffer(dtype, e.variance);
      Buffer y = dirty(dtype, e.x.length);
      backend().batchNorm(geometry, x, weight, bias, mean, variance, y);
      int summands = geometry.count();
      assertClose("mean", summands, e.mean, mean);
      assertClose("variance", summands, e.variance, variance);
      assertClose("y", summands, e.y, y);
      gradients(geometry, e, dtype, x, weight, mean, variance);
    }
  }

  private void gradients(
      BatchNormGeometry geometry,
      Expected e,
      DType dtype,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance) {
    Buffer g = buffer(dtype, e.g);
    int summands = 4 * geometry.count();
    for (int wanted = 1; wanted < 8; wanted++) {
      Buffer gx = (wanted & 1) == 0 ? null : dirty(dtype, e.x.length);
      Buffer gw = (wanted & 2) == 0 ? null : dirty(dtype, geometry.channels());
      Buffer gb = (wanted & 4) == 0 ? null : dirty(dtype, geometry.channels());
      backend().batchNormGradient(geometry, x, weight, mean, variance, g, gx, gw, gb);
      if (gx != null) {
        assertClose("input gradient", summands, e.gx, gx);
      }
      if (gw != null) {
        assertClose("weight gradient", summands, e.gw, gw);
      }
      if (gb != null) {
        assertClose("bias gradient", summands, e.gb, gb);
      }
    }
  }

  /** BN-1, BN-4 and BN-5 for random numbers. */
  final class Expected {
    final double[] x;
    final double[] weight;
    final double[] bias;
    final double[] mean;
    final double[] variance;
    final double[] g;
    final double[] y;
    final double[] gx;
    final double[] gw;
    final double[] gb;

    Expected(BatchNormGeometry geometry, boolean affine, BackendContract contract) {
      int channels = geometry.channels();
      int plane = geometry.height() * geometry.width();
      x = contract.random(1, geometry.n() * channels * plane);
      g = contract.random(2, x.length);
      weight = contract.random(3, channels);
      bias = contract.random(4, channels);
      mean = contract.random(5, channels);
      variance = contract.random(6, channels);
      y = new double[x.length];
      gx = new double[x.length];
      gw = new double[channels];
      gb = new double[channels];
      Arrays.setAll(variance, c -> Math.abs(variance[c]));
      for (int c = 0; c < channels; c++) {
        channel(geometry, plane, c, affine ? weight[c] : 1, affine ? bias[c] : 0);
      }
    }

    private void channel(BatchNormGeometry geometry, int plane, int c, double w, double b) {
      int[] at = new int[geometry.count()];
      Arrays.setAll(at, i -> (i / plane * geometry.channels() + c) * plane + i % plane);
      if (geometry.ofBatch()) {
        mean[c] = Arrays.stream(at).mapToDouble(i -> x[i]).average().orElseThrow();
        variance[c] =
            Arrays.stream(at)
                .mapToDouble(i -> (x[i] - mean[c]) * (x[i] - mean[c]))
                .average()
                .orElseThrow();
      }
      double s = Math.sqrt(variance[c] + geometry.eps());
      for (int i : at) {
        y[i] = (x[i] - mean[c]) / s * w + b;
        gw[c] += g[i] * (x[i] - mean[c]) / s;
        gb[c] += g[i];
      }
      double n = at.length;
      for (int i : at) {
        double normal = (x[i] - mean[c]) / s;
        gx[i] =
            geometry.ofBatch() ? w / (n * s) * (n * g[i] - gb[c] - normal * gw[c]) : w / s * g[i];
      }
    }
  }
}
