// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.LayerNormGeometry;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation and its gradients: a warp for each short row, a block for each long one. How
 * the rows are split for sums down the columns depends on the geometry alone.
 */
final class LayerNorms {
  private static final String FILE = "layer_norm.sm75";

  /** Columns up to which a warp has a row. */
  private static final int SHORT = 1024;

  private static final int COLUMNS_OF_BLOCK = 32;

  /** Blocks that fill a large GPU several times over. */
  private static final int BLOCKS = 1024;

  /** Rows below which one more block is not worth adding its sums. */
  private static final int ROWS_OF_SPLIT = 64;

  private final Kernels kernels;
  private final DeviceMemory memory;

  LayerNorms(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void layerNorm(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    if (geometry.rows() > 0) {
      KernelCall call = call(x).read(x).read(weight).read(bias).overwrite(mean).overwrite(variance);
      rows(geometry, call.overwrite(y), "layer_norm", x.dtype());
    }
  }

  void layerNormGradient(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    if (xGradient != null && geometry.rows() > 0) {
      KernelCall call = call(x).read(x).read(weight).read(mean).read(variance);
      rows(geometry, call.read(yGradient).overwrite(xGradient), "layer_norm_gradient", x.dtype());
    }
    if (geometry.columns() > 0 && (weightGradient != null || biasGradient != null)) {
      KernelCall call = call(x).read(x).read(mean).read(variance).read(yGradient);
      columnSums(geometry, call, x.dtype(), weightGradient, biasGradient);
    }
  }

  private static void rows(LayerNormGeometry g, KernelCall call, String entry, DType dtype) {
    boolean warp = g.columns() <= SHORT;
    boolean packed = dtype == DType.FLOAT32 && g.columns() % 4 == 0;
    int rowsOfBlock = warp ? Kernels.BLOCK / 32 : 1;
    call.integers(g.rows(), g.columns())
        .numbers(g.eps())
        .run(
            entry + (warp ? "_warp" : "_block") + (packed ? "_packed" : ""),
            Dim3.of(ceiling(g.rows(), rowsOfBlock)));
  }

  private void columnSums(
      LayerNormGeometry g,
      KernelCall call,
      DType dtype,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    int groups = ceiling(g.columns(), COLUMNS_OF_BLOCK);
    int splits = Math.max(1, Math.min(ceiling(BLOCKS, groups), ceiling(g.rows(), ROWS_OF_SPLIT)));
    long one = (long) splits * g.columns() * dtype.bytes();
    try (var workspace = Workspace.of(memory, splits == 1 ? 0 : 2 * one)) {
      long partial = workspace.address();
      if (splits == 1) {
        call.overwrite(weightGradient).overwrite(biasGradient);
      } else {
        call.address(weightGradient == null ? 0 : partial);
        call.address(biasGradient == null ? 0 : partial + one);
      }
      call.integers(g.rows(), g.columns(), splits)
          .numbers(g.eps())
          .run("layer_norm_column_sums", Dim3.of(groups, splits));
      if (splits > 1) {
        new KernelCall(kernels, FILE, dtype)
            .address(partial)
            .address(partial + one)
            .overwrite(weightGradient)
            .overwrite(biasGradient)
            .integers(g.columns(), splits)
            .run("layer_norm_split_sums", g.columns());
      }
    }
  }

  private KernelCall call(Buffer like) {
    return new KernelCall(kernels, FILE, like.dtype());
  }

  private static int ceiling(int a, int b) {
    return (a + b - 1) / b;
  }
}
