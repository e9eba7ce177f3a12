// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SoftmaxKernel;
import java.util.Locale;

/** Softmax and its logarithm along rows. */
final class Softmaxes {
  static final String FILE = "softmax.sm75";

  private final Kernels kernels;

  Softmaxes(Kernels kernels) {
    this.kernels = kernels;
  }

  void softmaxLastAxis(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    if (y.length() > 0) {
      Reductions.rows(call(x).read(x).overwrite(y), name(kernel), rows, columns);
    }
  }

  void softmaxGradientLastAxis(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient) {
    if (xGradient.length() > 0) {
      Reductions.rows(
          call(y).read(y).read(yGradient).overwrite(xGradient),
          name(kernel) + "_gradient",
          rows,
          columns);
    }
  }

  private KernelCall call(Buffer like) {
    return new KernelCall(kernels, FILE, like.dtype());
  }

  private static String name(SoftmaxKernel kernel) {
    return kernel.name().toLowerCase(Locale.ROOT);
  }
}
