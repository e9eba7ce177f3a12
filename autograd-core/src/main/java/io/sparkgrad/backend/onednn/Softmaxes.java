// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SoftmaxKernel;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Softmax along rows, and its gradient; several threads share the rows. oneDNN's exponential takes
 * NaN and infinities for large numbers, and its logarithm is off by many units near 1: rows with a
 * maximum that is not finite are overwritten, and the logarithm is taken here.
 */
final class Softmaxes {
  private final Slices.Least least;
  private final ConcurrentHashMap<Key, Primitive> primitives = new ConcurrentHashMap<>();

  Softmaxes(Slices.Least least) {
    this.least = least;
  }

  private record Key(SoftmaxKernel kernel, boolean gradient, long rows, long columns) {
    int algorithm() {
      return kernel == SoftmaxKernel.SOFTMAX ? dnnl.dnnl_softmax_accurate : dnnl.dnnl_softmax_log;
    }
  }

  void forward(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    Slices s = Slices.of(rows, Slices.worthwhile(2 * x.length(), least.elements()), 1);
    try (Operands o = new Operands()) {
      long from = o.read(x, null);
      long to = o.overwrite(y, null);
      Workers.run(
          s.count(),
          i -> {
            long at = 4 * columns * s.start(i);
            Key key = new Key(SoftmaxKernel.SOFTMAX, false, s.length(i), columns);
            primitives.computeIfAbsent(key, Softmaxes::forward).run(from + at, to + at);
            FloatRows in = new FloatRows(from + at, s.length(i), columns);
            FloatRows out = new FloatRows(to + at, s.length(i), columns);
            if (kernel == SoftmaxKernel.LOG_SOFTMAX) {
              logarithm(in, out);
            } else {
              spoil(in, out);
            }
          });
    }
  }

  /** {@code x − max − log Σ e^(x − max)}: the sum is the reciprocal of the largest probability. */
  private static void logarithm(FloatRows x, FloatRows y) {
    for (long row = 0; row < x.rows(); row++) {
      long largest = x.indexOfMax(row);
      float max = x.get(row, largest);
      if (Float.isFinite(max)) {
        x.subtract(row, max, (float) -Math.log(y.get(row, largest)), y);
      } else {
        y.fill(row, Float.NaN);
      }
    }
  }

  /** Overwrites results of rows whose maximum is not finite. */
  private static void spoil(FloatRows x, FloatRows y) {
    if (x.areFinite()) {
      return;
    }
    for (long row = 0; row < x.rows(); row++) {
      if (!Float.isFinite(x.get(row, x.indexOfMax(row)))) {
        y.fill(row, Float.NaN);
      }
    }
  }

  void gradient(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient) {
    Slices s = Slices.of(rows, Slices.worthwhile(3 * y.length(), least.elements()), 1);
    try (Operands o = new Operands()) {
      long result = o.read(y, null);
      long g = o.read(yGradient, null);
      long to = o.overwrite(xGradient, null);
      Workers.run(
          s.count(),
          i -> {
            long at = 4 * columns * s.start(i);
            Key key = new Key(kernel, true, s.length(i), columns);
            primitives.computeIfAbsent(key, Softmaxes::gradient).run(result + at, g + at, to + at);
            if (kernel == SoftmaxKernel.LOG_SOFTMAX) { // the other needs no exponential
              spoil(
                  new FloatRows(result + at, s.length(i), columns),
                  new FloatRows(to + at, s.length(i), columns));
            }
          });
    }
  }

  private static Description description(Key key, Format matrix) {
    Description p = new Description("softmax");
    return p.checked(
        dnnl.dnnl_softmax_forward_primitive_desc_create(
            p.handle,
            Dnnl.engine(),
            dnnl.dnnl_forward_training,
            key.algorithm(),
            matrix.descriptor(),
            matrix.descriptor(),
            1,
            Description.attributes()));
  }

  private static Primitive forward(Key key) {
    Format matrix = Format.rowMajor(key.rows, key.columns);
    try (Description p = description(key, matrix)) {
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_SRC, matrix),
          new Primitive.Argument(dnnl.DNNL_ARG_DST, matrix));
    }
  }

  private static Primitive gradient(Key key) {
    Format matrix = Format.rowMajor(key.rows, key.columns);
    try (Description forward = description(key, matrix);
        Description p = new Description("softmax gradient")) {
      p.checked(
          dnnl.dnnl_softmax_backward_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              key.algorithm(),
              matrix.descriptor(),
              matrix.descriptor(),
              matrix.descriptor(),
              1,
              forward.handle,
              Description.attributes()));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_DST, matrix),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, matrix),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SRC, matrix));
    }
  }
}
