// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation and its gradients. How a channel is split among blocks, and so the order of
 * its sums, depends on the geometry alone.
 */
final class BatchNorms {
  private static final String FILE = "batch_norm.sm75";

  private final Kernels kernels;
  private final DeviceMemory memory;

  BatchNorms(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void batchNorm(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    var plan = Plan.of(geometry, x.dtype());
    try (var partial = plan.partial(memory, geometry.ofBatch())) {
      if (partial.address() != 0) {
        plan.shape(call(x).read(x).address(partial.address()))
            .run("batch_norm_statistics" + plan.kind, plan.grid());
      }
      KernelCall call = call(x).read(x).read(weight).read(bias);
      if (geometry.ofBatch()) {
        call.overwrite(mean).overwrite(variance);
      } else {
        call.read(mean).read(variance);
      }
      plan.shape(call.overwrite(y).address(partial.address()))
          .flag(geometry.ofBatch())
          .numbers(geometry.eps())
          .run("batch_norm" + plan.kind, plan.grid());
    }
  }

  void batchNormGradient(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    var plan = Plan.of(geometry, yGradient.dtype());
    boolean along = geometry.ofBatch() || weightGradient != null;
    Buffer used = along ? x : null;
    try (var partial = plan.partial(memory, along || biasGradient != null)) {
      if (partial.address() != 0) {
        KernelCall sums = call(yGradient).read(used).read(mean).read(yGradient);
        plan.shape(sums.address(partial.address()))
            .flag(along)
            .run("batch_norm_sums" + plan.kind, plan.grid());
      }
      KernelCall call = call(yGradient).read(used).read(weight).read(mean).read(variance);
      call.read(yGradient).overwrite(xGradient).overwrite(weightGradient).overwrite(biasGradient);
      plan.shape(call.address(partial.address()))
          .flag(geometry.ofBatch())
          .flag(along)
          .numbers(geometry.eps())
          .run(
              "batch_norm_gradient" + plan.kind,
              xGradient == null ? Dim3.of(plan.groups) : plan.grid());
    }
  }

  private KernelCall call(Buffer like) {
    return new KernelCall(kernels, FILE, like.dtype());
  }

  /**
   * Who does what.
   *
   * @param groups of channels, a block's each
   * @param splits of each channel
   * @param kind which variant of the kernels
   */
  private record Plan(
      int n, int channels, int plane, int groups, int splits, String kind, DType dtype) {
    /** Planes below this are read together with those of the 31 channels beside them. */
    private static final int SMALL_PLANE = 8;

    private static final int CHANNELS_OF_SMALL = 32;

    /** Blocks that fill a large GPU several times over. */
    private static final int BLOCKS = 1024;

    /** Elements below which one more block is not worth putting its result together. */
    private static final int ELEMENTS_OF_BLOCK = 16 * Kernels.BLOCK;

    static Plan of(BatchNormGeometry g, DType dtype) {
      int plane = g.height() * g.width();
      boolean small = plane < SMALL_PLANE;
      int together = small ? CHANNELS_OF_SMALL : 1;
      int groups = ceiling(g.channels(), together);
      int elements = ElementCount.of("batch_norm of each channel", (long) g.n() * plane);
      int most = ceiling(elements, ELEMENTS_OF_BLOCK / together);
      int splits = Math.max(1, Math.min(ceiling(BLOCKS, Math.max(1, groups)), most));
      boolean packed = dtype == DType.FLOAT32 && plane % 4 == 0;
      String kind = small ? "_columns" : packed ? "_packed" : "_plane";
      // An empty plane is none of images: the kernels divide by its size.
      return plane == 0
          ? new Plan(0, g.channels(), 1, groups, 1, kind, dtype)
          : new Plan(g.n(), g.channels(), plane, groups, splits, kind, dtype);
    }

    private static int ceiling(int a, int b) {
      return (a + b - 1) / b;
    }

    Dim3 grid() {
      return Dim3.of(Math.max(1, groups), splits);
    }

    KernelCall shape(KernelCall call) {
      return call.integers(n, channels, plane, splits);
    }

    /** Room for two numbers of each split, where there are several and they are wanted. */
    Workspace partial(DeviceMemory memory, boolean wanted) {
      return Workspace.of(
          memory, wanted && splits > 1 ? 2L * splits * channels * dtype.bytes() : 0);
    }
  }
}
