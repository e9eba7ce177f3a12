// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.LayerNormGeometry;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.backend.java.JavaBackend;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The java backend on buffers of which large FLOAT32 ones live in native memory: every kernel runs
 * on copies in Java arrays, so that it is right before it is fast. What has a native form overrides
 * it; what always has one where a buffer is native is not here.
 */
abstract class NativeMemoryBackend extends JavaBackend {
  /** Its buffers never leave a call. */
  private final JavaBackend java = new JavaBackend();

  final Blockwise blockwise;
  private final StridedCopies copies;
  private final long smallest;

  /**
   * Prepares the backend.
   *
   * @param smallest FLOAT32 tensors of as many elements live in native memory
   * @param slice what a slice for another thread holds at least
   */
  NativeMemoryBackend(long smallest, Slices.Least slice) {
    this.smallest = smallest;
    this.blockwise = new Blockwise(slice);
    this.copies = new StridedCopies(slice);
  }

  static boolean anyNative(@Nullable Buffer... buffers) {
    return anyNative(Arrays.asList(buffers));
  }

  static boolean anyNative(List<? extends @Nullable Buffer> buffers) {
    for (Buffer b : buffers) {
      if (b instanceof NativeBuffer) {
        return true;
      }
    }
    return false;
  }

  private OnHeap onHeap() {
    return new OnHeap(java);
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return dtype == DType.FLOAT32 && length >= smallest && length > 0
        ? new NativeBuffer(this, length)
        : super.allocate(dtype, length);
  }

  @Override
  public void upload(double[] source, Buffer target) {
    try (OnHeap h = onHeap()) {
      super.upload(source, h.overwrite(target));
    }
  }

  @Override
  public void upload(float[] source, int offset, Buffer target) {
    if (!anyNative(target)) {
      super.upload(source, offset, target);
      return;
    }
    int count = Math.toIntExact(target.length());
    Objects.checkFromIndexSize(offset, count, source.length);
    try (Operands o = new Operands()) {
      RawMemory.write(source, offset, o.overwrite(target, null), count);
    }
  }

  @Override
  public void upload(long[] source, Buffer target) {
    try (OnHeap h = onHeap()) {
      super.upload(source, h.overwrite(target));
    }
  }

  @Override
  public void download(Buffer source, double[] target) {
    try (OnHeap h = onHeap()) {
      super.download(h.read(source), target);
    }
  }

  @Override
  public void download(Buffer source, float[] target, int offset) {
    if (!anyNative(source)) {
      super.download(source, target, offset);
      return;
    }
    int count = Math.toIntExact(source.length());
    Objects.checkFromIndexSize(offset, count, target.length);
    try (Operands o = new Operands()) {
      RawMemory.read(o.read(source, null), target, offset, count);
    }
  }

  @Override
  public void download(Buffer source, long[] target) {
    try (OnHeap h = onHeap()) {
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
    try (OnHeap h = onHeap()) {
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
    if (region.numel() > 0 && copies.copy(region, source, from, target, to)) {
      return;
    }
    try (OnHeap h = onHeap()) {
      super.copy(region, h.read(source), from, h.update(target), to);
    }
  }

  private static boolean isAll(Shape region, Buffer buffer, Layout layout) {
    return layout.offset() == 0
        && region.numel() == buffer.length()
        && Arrays.equals(layout.strides(), region.strides());
  }

  // Kernels

  @Override
  public void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape) {
    try (OnHeap h = onHeap()) {
      super.binary(kernel, h.read(a), aShape, h.read(b), bShape, h.overwrite(y), yShape);
    }
  }

  @Override
  public void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y) {
    try (OnHeap h = onHeap()) {
      super.reduce(kernel, h.read(x), xShape, axes, h.overwrite(y));
    }
  }

  @Override
  public void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    try (OnHeap h = onHeap()) {
      super.scanLastAxis(kernel, h.read(x), rows, columns, h.overwrite(y));
    }
  }

  @Override
  public void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices) {
    try (OnHeap h = onHeap()) {
      super.argmaxLastAxis(h.read(x), rows, columns, indices);
    }
  }

  @Override
  public void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    try (OnHeap h = onHeap()) {
      super.gatherRows(h.read(x), columns, indices, h.overwrite(y));
    }
  }

  @Override
  public void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    try (OnHeap h = onHeap()) {
      super.scatterAddRows(h.read(x), columns, indices, h.update(y));
    }
  }

  @Override
  public void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    try (OnHeap h = onHeap()) {
      super.matmul(g, h.read(a), h.read(b), h.overwrite(c));
    }
  }

  @Override
  public void linear(
      LinearGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      boolean relu,
      Buffer y) {
    try (OnHeap h = onHeap()) {
      super.linear(geometry, h.read(x), h.read(weight), h.readIfAny(bias), relu, h.overwrite(y));
    }
  }

  @Override
  public void conv2d(Conv2dGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    try (OnHeap h = onHeap()) {
      super.conv2d(g, h.read(x), h.read(weight), h.readIfAny(bias), h.overwrite(y));
    }
  }

  @Override
  public void conv2dInputGradient(
      Conv2dGeometry g, Buffer yGradient, Buffer weight, Buffer xGradient) {
    try (OnHeap h = onHeap()) {
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
    try (OnHeap h = onHeap()) {
      super.conv2dWeightGradient(
          g,
          h.read(x),
          h.read(yGradient),
          h.overwrite(weightGradient),
          h.overwriteIfAny(biasGradient));
    }
  }

  @Override
  public @Nullable Buffer maxPool2d(Pool2dGeometry geometry, Buffer x, Buffer y, boolean places) {
    try (OnHeap h = onHeap()) {
      return super.maxPool2d(geometry, h.read(x), h.overwrite(y), places);
    }
  }

  @Override
  public void maxPool2dGradient(
      Pool2dGeometry geometry, Buffer places, Buffer yGradient, Buffer xGradient) {
    try (OnHeap h = onHeap()) {
      super.maxPool2dGradient(geometry, places, h.read(yGradient), h.overwrite(xGradient));
    }
  }

  @Override
  public void avgPool2d(Pool2dGeometry geometry, boolean countIncludePad, Buffer x, Buffer y) {
    try (OnHeap h = onHeap()) {
      super.avgPool2d(geometry, countIncludePad, h.read(x), h.overwrite(y));
    }
  }

  @Override
  public void avgPool2dGradient(
      Pool2dGeometry geometry, boolean countIncludePad, Buffer yGradient, Buffer xGradient) {
    try (OnHeap h = onHeap()) {
      super.avgPool2dGradient(geometry, countIncludePad, h.read(yGradient), h.overwrite(xGradient));
    }
  }

  @Override
  public void batchNorm(
      BatchNormGeometry g,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    try (OnHeap h = onHeap()) {
      super.batchNorm(
          g,
          h.read(x),
          h.readIfAny(weight),
          h.readIfAny(bias),
          h.update(mean),
          h.update(variance),
          h.overwrite(y));
    }
  }

  @Override
  public void batchNormGradient(
      BatchNormGeometry g,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    try (OnHeap h = onHeap()) {
      super.batchNormGradient(
          g,
          h.read(x),
          h.readIfAny(weight),
          h.read(mean),
          h.read(variance),
          h.read(yGradient),
          h.overwriteIfAny(xGradient),
          h.overwriteIfAny(weightGradient),
          h.overwriteIfAny(biasGradient));
    }
  }

  @Override
  public void layerNorm(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    try (OnHeap h = onHeap()) {
      super.layerNorm(
          geometry,
          h.read(x),
          h.readIfAny(weight),
          h.readIfAny(bias),
          h.overwrite(mean),
          h.overwrite(variance),
          h.overwrite(y));
    }
  }

  @Override
  public void layerNormGradient(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    try (OnHeap h = onHeap()) {
      super.layerNormGradient(
          geometry,
          h.read(x),
          h.readIfAny(weight),
          h.read(mean),
          h.read(variance),
          h.read(yGradient),
          h.overwriteIfAny(xGradient),
          h.overwriteIfAny(weightGradient),
          h.overwriteIfAny(biasGradient));
    }
  }
}
