// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.backend.SgdStep;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.backend.java.JavaBackend;
import io.sparkgrad.backend.java.Periods;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is worth a native call to oneDNN, and leaves the rest to plain Java: small tensors,
 * which stay in Java arrays, and all types but FLOAT32.
 */
final class OneDnnBackend extends JavaBackend {
  private final JavaBackend java = new JavaBackend();
  private final Blockwise blockwise = new Blockwise();
  private final BatchNorms batchNorms = new BatchNorms();
  private final Activations activations = new Activations();
  private final Convolutions convolutions = new Convolutions();
  private final Products products = new Products();
  private final Thresholds thresholds;

  /**
   * From where on native code is faster.
   *
   * @param elements FLOAT32 tensors of as many live in native memory
   * @param multiplications products of as many run there
   */
  record Thresholds(long elements, long multiplications) {
    Thresholds {
      multiplications = Math.max(1, multiplications); // oneDNN takes no empty products
    }

    static final Thresholds DEFAULT = new Thresholds(2048, 8192);
  }

  OneDnnBackend(Thresholds thresholds) {
    this.thresholds = thresholds;
  }

  @Override
  public String name() {
    return "onednn";
  }

  // Memory

  @Override
  public Buffer allocate(DType dtype, long length) {
    return dtype == DType.FLOAT32 && length >= thresholds.elements && length > 0
        ? new NativeBuffer(this, length)
        : super.allocate(dtype, length);
  }

  private static boolean anyNative(@Nullable Buffer... buffers) {
    for (Buffer b : buffers) {
      if (b instanceof NativeBuffer) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void upload(double[] source, Buffer target) {
    try (OnHeap h = new OnHeap(java)) {
      super.upload(source, h.overwrite(target));
    }
  }

  @Override
  public void upload(float[] source, Buffer target) {
    if (!anyNative(target)) {
      super.upload(source, target);
      return;
    }
    try (Operands o = new Operands()) {
      RawMemory.write(source, 0, o.overwrite(target, null), source.length);
    }
  }

  @Override
  public void upload(long[] source, Buffer target) {
    try (OnHeap h = new OnHeap(java)) {
      super.upload(source, h.overwrite(target));
    }
  }

  @Override
  public void download(Buffer source, double[] target) {
    try (OnHeap h = new OnHeap(java)) {
      super.download(h.read(source), target);
    }
  }

  @Override
  public void download(Buffer source, float[] target) {
    if (!anyNative(source)) {
      super.download(source, target);
      return;
    }
    try (Operands o = new Operands()) {
      RawMemory.read(o.read(source, null), target, 0, target.length);
    }
  }

  @Override
  public void download(Buffer source, long[] target) {
    try (OnHeap h = new OnHeap(java)) {
      super.download(h.read(source), target);
    }
  }

  @Override
  public void fill(Buffer target, double value) {
    if (target instanceof NativeBuffer numbers) {
      blockwise.fill(numbers, (float) value);
    } else {
      super.fill(target, value);
    }
  }

  @Override
  public void cast(Buffer source, Buffer target) {
    try (OnHeap h = new OnHeap(java)) {
      super.cast(h.read(source), h.overwrite(target));
    }
  }

  @Override
  public void copy(Shape region, Buffer source, Layout from, Buffer target, Layout to) {
    if (!anyNative(source, target)) {
      super.copy(region, source, from, target, to);
      return;
    }
    if (source instanceof NativeBuffer
        && target instanceof NativeBuffer
        && isAll(region, source, from)
        && isAll(region, target, to)) {
      blockwise.copy(source, target);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.copy(region, h.read(source), from, h.update(target), to);
    }
  }

  private static boolean isAll(Shape region, Buffer buffer, Layout layout) {
    return layout.offset() == 0
        && region.numel() == buffer.length()
        && Arrays.equals(layout.strides(), region.strides());
  }

  // Elementwise

  @Override
  public void unary(UnaryKernel kernel, double p, Buffer x, Buffer y) {
    if (anyNative(x, y)) {
      blockwise.unary(kernel, p, x, y);
    } else {
      super.unary(kernel, p, x, y);
    }
  }

  @Override
  public void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape) {
    if (!anyNative(a, b, y)) {
      super.binary(kernel, a, aShape, b, bShape, y, yShape);
      return;
    }
    if (aShape.equals(bShape)) {
      blockwise.binary(kernel, a, b, y);
      return;
    }
    Periods periods = Periods.of(aShape, bShape, yShape);
    if (periods != null) {
      blockwise.binary(kernel, a, b, y, periods);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.binary(kernel, h.read(a), aShape, h.read(b), bShape, h.overwrite(y), yShape);
    }
  }

  @Override
  public void reluGradient(Buffer y, Buffer g, Buffer gx) {
    if (anyNative(y, g, gx)) {
      activations.reluGradient(y, g, gx);
    } else {
      super.reluGradient(y, g, gx);
    }
  }

  @Override
  public void axpy(double alpha, Buffer x, Buffer y) {
    if (anyNative(x, y)) {
      blockwise.axpy(alpha, x, y);
    } else {
      super.axpy(alpha, x, y);
    }
  }

  // Reductions and indexing

  @Override
  public void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y) {
    try (OnHeap h = new OnHeap(java)) {
      super.reduce(kernel, h.read(x), xShape, axes, h.overwrite(y));
    }
  }

  @Override
  public void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    try (OnHeap h = new OnHeap(java)) {
      super.scanLastAxis(kernel, h.read(x), rows, columns, h.overwrite(y));
    }
  }

  @Override
  public void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices) {
    try (OnHeap h = new OnHeap(java)) {
      super.argmaxLastAxis(h.read(x), rows, columns, indices);
    }
  }

  @Override
  public void logSoftmaxLastAxis(Buffer x, long rows, long columns, Buffer y) {
    try (OnHeap h = new OnHeap(java)) {
      super.logSoftmaxLastAxis(h.read(x), rows, columns, h.overwrite(y));
    }
  }

  @Override
  public void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    try (OnHeap h = new OnHeap(java)) {
      super.gatherRows(h.read(x), columns, indices, h.overwrite(y));
    }
  }

  @Override
  public void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    try (OnHeap h = new OnHeap(java)) {
      super.scatterAddRows(h.read(x), columns, indices, h.update(y));
    }
  }

  // Products

  @Override
  public void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    boolean sameOverBatch =
        g.repeatA() && g.repeatB() && g.batch() > 1; // oneDNN has no such product
    if (a.dtype() == DType.FLOAT32
        && !sameOverBatch
        && (long) g.batch() * g.m() * g.n() * g.k() >= thresholds.multiplications) {
      products.matmul(g, a, b, c);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.matmul(g, h.read(a), h.read(b), h.overwrite(c));
    }
  }

  private boolean isNative(Conv2dGeometry c, Buffer x) {
    long perResult = (long) c.inChannelsPerGroup() * c.kernelHeight() * c.kernelWidth();
    long results = (long) c.n() * c.outChannels() * c.outHeight() * c.outWidth();
    return x.dtype() == DType.FLOAT32 && perResult * results >= thresholds.multiplications;
  }

  @Override
  public void conv2d(Conv2dGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    if (isNative(g, x)) {
      convolutions.forward(g, x, weight, bias, y);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.conv2d(
          g, h.read(x), h.read(weight), bias == null ? null : h.read(bias), h.overwrite(y));
    }
  }

  @Override
  public void conv2dInputGradient(
      Conv2dGeometry g, Buffer yGradient, Buffer weight, Buffer xGradient) {
    if (isNative(g, yGradient)) {
      convolutions.inputGradient(g, yGradient, weight, xGradient);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.conv2dInputGradient(g, h.read(yGradient), h.read(weight), h.overwrite(xGradient));
    }
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dGeometry g,
      Buffer x,
      Buffer yGradient,
      Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    if (isNative(g, yGradient)) {
      convolutions.weightGradient(g, x, yGradient, weightGradient, biasGradient);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.conv2dWeightGradient(
          g,
          h.read(x),
          h.read(yGradient),
          h.overwrite(weightGradient),
          biasGradient == null ? null : h.overwrite(biasGradient));
    }
  }

  @Override
  public void maxPool2d(Pool2dGeometry geometry, Buffer x, Buffer y, Buffer indices) {
    try (OnHeap h = new OnHeap(java)) {
      super.maxPool2d(geometry, h.read(x), h.overwrite(y), indices);
    }
  }

  // Normalisation

  @Override
  public void batchNorm(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    if (anyNative(x, y)) {
      batchNorms.forward(geometry, x, weight, bias, mean, variance, y);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.batchNorm(
          geometry,
          x,
          h.readIfAny(weight),
          h.readIfAny(bias),
          h.update(mean),
          h.update(variance),
          y);
    }
  }

  @Override
  public void batchNormGradient(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    if (anyNative(x, yGradient, xGradient)) {
      batchNorms.gradient(
          geometry, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
      return;
    }
    try (OnHeap h = new OnHeap(java)) {
      super.batchNormGradient(
          geometry,
          x,
          h.readIfAny(weight),
          h.read(mean),
          h.read(variance),
          yGradient,
          xGradient,
          weightGradient == null ? null : h.overwrite(weightGradient),
          biasGradient == null ? null : h.overwrite(biasGradient));
    }
  }

  // Optimisers

  @Override
  public void sgdStep(
      SgdStep settings, Buffer parameter, Buffer gradient, @Nullable Buffer momentum) {
    if (anyNative(parameter, gradient, momentum)) {
      blockwise.sgd(settings, parameter, gradient, momentum);
    } else {
      super.sgdStep(settings, parameter, gradient, momentum);
    }
  }

  @Override
  public void adamStep(
      AdamStep settings, Buffer parameter, Buffer gradient, Buffer expAvg, Buffer expAvgSq) {
    if (anyNative(parameter, gradient, expAvg, expAvgSq)) {
      blockwise.adam(settings, parameter, gradient, expAvg, expAvgSq);
    } else {
      super.adamStep(settings, parameter, gradient, expAvg, expAvgSq);
    }
  }
}
