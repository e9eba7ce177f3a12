// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CrossEntropyGeometry;
import org.jspecify.annotations.Nullable;

/** Cross entropy with class numbers, and its gradient: a kernel each. */
final class CrossEntropies {
  private final Kernels kernels;

  CrossEntropies(Kernels kernels) {
    this.kernels = kernels;
  }

  void crossEntropy(
      CrossEntropyGeometry geometry,
      Buffer x,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer logs,
      Buffer losses) {
    KernelCall call = call(x).read(x).read(targets).read(weight);
    rows(geometry, call.overwrite(logs).overwrite(losses), "cross_entropy");
  }

  void crossEntropyGradient(
      CrossEntropyGeometry geometry,
      Buffer logs,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer lossGradients,
      Buffer xGradient) {
    KernelCall call = call(logs).read(logs).read(targets).read(weight).read(lossGradients);
    rows(geometry, call.overwrite(xGradient), "cross_entropy_gradient");
  }

  private static void rows(CrossEntropyGeometry geometry, KernelCall call, String entry) {
    if (geometry.rows() > 0) {
      call.numbers(geometry.onTarget(), geometry.onEach());
      Reductions.rows(call, entry, geometry.rows(), geometry.columns());
    }
  }

  private KernelCall call(Buffer like) {
    return new KernelCall(kernels, Softmaxes.FILE, like.dtype());
  }
}
