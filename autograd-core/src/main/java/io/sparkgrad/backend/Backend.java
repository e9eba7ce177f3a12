// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import io.sparkgrad.shape.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory and kernels of one device. The set of kernels is closed and small; operations are built on
 * it. Kernels write into buffers that the caller allocated, never overlap outputs with inputs
 * unless stated, and trust their arguments: lengths fit shapes and types agree. Floating-point
 * kernels take FLOAT32 and FLOAT64 where the backend offers both. All methods may be called from
 * several threads at once; work on one buffer is ordered by the caller.
 *
 * <p>Results are deterministic: the same arguments give the same bits.
 */
public interface Backend {
  /** What users write, with the ordinal where there are several devices. */
  String name();

  DeviceType deviceType();

  /** Whether floating-point kernels take this type. */
  boolean supports(DType dtype);

  // Memory

  /** A new buffer filled with zeros. */
  Buffer allocate(DType dtype, long length);

  /** Copies host values in, converting: integers and booleans (0 and 1) as numbers. */
  void upload(double[] source, Buffer target);

  default void upload(float[] source, Buffer target) {
    upload(source, 0, target);
  }

  /** Fills {@code target} with what stands in {@code source} from {@code offset} on. */
  void upload(float[] source, int offset, Buffer target);

  void upload(long[] source, Buffer target);

  /** Fills each target with what stands in {@code source} from its offset on. */
  default void upload(float[] source, int[] offsets, List<Buffer> targets) {
    for (int i = 0; i < targets.size(); i++) {
      upload(source, offsets[i], targets.get(i));
    }
  }

  /** Copies values out, converting as {@link #upload(double[], Buffer)}. */
  void download(Buffer source, double[] target);

  default void download(Buffer source, float[] target) {
    download(source, target, 0);
  }

  /** Copies all of {@code source} to {@code target}, from {@code offset} on. */
  void download(Buffer source, float[] target, int offset);

  void download(Buffer source, long[] target);

  /**
   * Begins to copy values out. Where work is enqueued, whoever asks for them waits for what was
   * enqueued before this call alone.
   */
  default Readback downloadLater(Buffer source) {
    return Readback.of(source);
  }

  /**
   * Begins to copy several buffers out, each to its offset in {@code target}: the values of this
   * moment, whatever is written to the buffers afterwards. The array belongs to the copy until that
   * was awaited.
   */
  default PendingCopy downloadLater(List<Buffer> sources, int[] offsets, float[] target) {
    for (int i = 0; i < sources.size(); i++) {
      download(sources.get(i), target, offsets[i]);
    }
    return PendingCopy.DONE;
  }

  void fill(Buffer target, double value);

  /** Element by element, converting between types; BOOL takes 0 and everything else. */
  void cast(Buffer source, Buffer target);

  /**
   * Copies a strided region of any type onto a strided region: permute, slice, expand, flip,
   * concatenate, pad.
   */
  void copy(Shape region, Buffer source, Layout from, Buffer target, Layout to);

  // Elementwise

  /** {@code y = f(x)}; {@code y} may be {@code x}. */
  void unary(UnaryKernel kernel, double p, Buffer x, Buffer y);

  /**
   * {@code y = f(a, b)} in the broadcast shape; {@code y} may be an operand that has that very
   * shape.
   */
  void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape);

  /** {@code gx = y > 0 ? g : 0}, g or 0 where y is NaN: the gradient of RELU, given its result. */
  void reluGradient(Buffer y, Buffer g, Buffer gx);

  /** {@code y = gelu(x)}. */
  void gelu(GeluKernel kernel, Buffer x, Buffer y);

  /** Gradient of {@link #gelu}, given its input and the gradient of its result. */
  void geluGradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient);

  /** {@code y += alpha·x}, equal lengths. */
  void axpy(double alpha, Buffer x, Buffer y);

  // Reductions

  /** Reduces the masked axes of {@code x} into {@code y}, which holds the others in order. */
  void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y);

  /** Reduces, along the last axis, up to and including each element: {@code cumsum}. */
  void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y);

  /** Index of the first maximum along the last axis, INT64; NaN counts as the largest. */
  void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices);

  /** {@code y = f(x)} along the last axis. */
  void softmaxLastAxis(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y);

  /** Gradient of {@link #softmaxLastAxis}, given its result and the gradient of that. */
  void softmaxGradientLastAxis(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient);

  /**
   * Cross entropy of each row with its target class t: with {@code ℓ = x − log Σ eˣ}, which is
   * written to logs, {@code loss = −onTarget·w[t]·ℓ[t] − onEach·Σ w·ℓ}, and 0 where t is negative.
   *
   * @param targets INT64, below the number of columns
   * @param weight w, null for 1 each
   */
  void crossEntropy(
      CrossEntropyGeometry geometry,
      Buffer x,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer logs,
      Buffer losses);

  /** Gradient of {@link #crossEntropy} for x, given the logs that it wrote and that of losses. */
  void crossEntropyGradient(
      CrossEntropyGeometry geometry,
      Buffer logs,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer lossGradients,
      Buffer xGradient);

  // Indexing, along the first axis of [rows, columns]

  /** {@code y[i, :] = x[indices[i], :]}. */
  void gatherRows(Buffer x, long columns, Buffer indices, Buffer y);

  /** {@code y[indices[i], :] += x[i, :]}, in the order of {@code i}. */
  void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y);

  // Matrix products, convolution, pooling

  void matmul(MatmulGeometry geometry, Buffer a, Buffer b, Buffer c);

  /** {@code y = x·Wᵀ + bias}, without bias if null, or its relu. */
  void linear(
      LinearGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      boolean relu,
      Buffer y);

  /** {@code y = conv(x, w) + bias}. */
  void conv2d(Conv2dGeometry geometry, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y);

  /** {@link #conv2d} with something done to the result; together faster where the backend can. */
  default void conv2d(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      Epilogue epilogue,
      Buffer y) {
    conv2d(geometry, x, weight, bias, y);
    epilogue.apply(
        y,
        Shape.of(geometry.n(), geometry.outChannels(), geometry.outHeight(), geometry.outWidth()));
  }

  /** Whether an epilogue costs less than kernels of its own. */
  default boolean fusesEpilogues() {
    return false;
  }

  /** Gradient of {@link #conv2d} for its input, given that of its output. */
  void conv2dInputGradient(
      Conv2dGeometry geometry, Buffer yGradient, Buffer weight, Buffer xGradient);

  /**
   * Gradients of {@link #conv2d} for its weight and, if wanted, its bias, given that of its output.
   */
  void conv2dWeightGradient(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer yGradient,
      Buffer weightGradient,
      @Nullable Buffer biasGradient);

  /**
   * Maximum of each window; NaN counts as the largest, of equals the first.
   *
   * @param places whether a gradient will be asked for
   * @return where each stands, INT64, one per result, in a form that only {@link
   *     #maxPool2dGradient} and {@link #maxPool2dIndices} read; null unless wanted
   */
  @Nullable Buffer maxPool2d(Pool2dGeometry geometry, Buffer x, Buffer y, boolean places);

  /** Gradient of {@link #maxPool2d} for its input, given the places and that of its output. */
  void maxPool2dGradient(
      Pool2dGeometry geometry, Buffer places, Buffer yGradient, Buffer xGradient);

  /** Where in x, counted from its start, each maximum stands: INT64. */
  void maxPool2dIndices(Pool2dGeometry geometry, Buffer places, Buffer indices);

  /**
   * Mean of each window.
   *
   * @param countIncludePad whether zeros of the padding count
   */
  void avgPool2d(Pool2dGeometry geometry, boolean countIncludePad, Buffer x, Buffer y);

  /** Gradient of {@link #avgPool2d} for its input, given that of its output. */
  void avgPool2dGradient(
      Pool2dGeometry geometry, boolean countIncludePad, Buffer yGradient, Buffer xGradient);

  // Normalisation

  /**
   * {@code y = (x − mean)/√(variance + eps)·weight + bias} per channel, without weight or bias if
   * null. Where the statistics are the batch's, mean and variance are computed and written first.
   */
  void batchNorm(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y);

  /**
   * Gradients of {@link #batchNorm}, those that are not null, given the statistics that it used; x
   * is not read where they were given and no weight gradient is wanted.
   */
  void batchNormGradient(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient);

  /**
   * {@code y = (x − mean)/√(variance + eps)·weight + bias} per row, without weight or bias if null;
   * each row's mean and variance are computed and written first.
   */
  void layerNorm(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y);

  /** Gradients of {@link #layerNorm}, those that are not null, given the statistics it wrote. */
  void layerNormGradient(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient);

  // Optimisers: one call for all parameters of one type that have the same settings. The lists go
  // together: the i-th buffers are one parameter's, and have one length.

  /**
   * PyTorch's SGD.
   *
   * @param momentumBuffers empty where there is no momentum
   */
  void sgdStep(
      SgdStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> momentumBuffers);

  /**
   * PyTorch's Adam and AdamW.
   *
   * @param maxExpAvgSqs of amsgrad, whose root they stand in; empty where that is off
   */
  void adamStep(
      AdamStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs);
}
