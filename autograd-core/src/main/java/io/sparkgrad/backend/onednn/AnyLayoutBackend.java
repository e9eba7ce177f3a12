// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CrossEntropyGeometry;
import io.sparkgrad.backend.GeluKernel;
import io.sparkgrad.backend.LayerNormGeometry;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.backend.SgdStep;
import io.sparkgrad.backend.SoftmaxKernel;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.backend.java.Periods;
import io.sparkgrad.shape.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Kernels that take numbers in the layout in which they stand: elementwise ones, reductions, norms
 * and the steps of optimisers. Small tensors, which stay in Java arrays, and all types but FLOAT32
 * are left to plain Java.
 */
abstract class AnyLayoutBackend extends NativeMemoryBackend {
  private final BatchNorms batchNorms = new BatchNorms();
  private final Activations activations;
  private final Gelus gelus;
  private final LayerNorms layerNorms;
  private final Reductions reductions;
  private final Softmaxes softmaxes;
  private final CrossEntropies crossEntropies;
  private final ParameterSteps steps;

  /**
   * Prepares the kernels.
   *
   * @param smallest FLOAT32 tensors of as many elements live in native memory
   * @param slice what a slice for another thread holds at least
   */
  AnyLayoutBackend(long smallest, Slices.Least slice) {
    super(smallest, slice);
    activations = new Activations(slice);
    gelus = new Gelus(slice);
    layerNorms = new LayerNorms(slice);
    reductions = new Reductions(slice);
    softmaxes = new Softmaxes(slice);
    crossEntropies = new CrossEntropies(softmaxes);
    steps = new ParameterSteps(slice);
  }

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
    Periods periods = anyNative(a, b, y) ? Periods.of(aShape, bShape, yShape) : null;
    if (periods == null) {
      super.binary(kernel, a, aShape, b, bShape, y, yShape);
    } else if (aShape.equals(bShape)) {
      blockwise.binary(kernel, a, b, y);
    } else {
      blockwise.binary(kernel, a, b, y, periods);
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
  public void gelu(GeluKernel kernel, Buffer x, Buffer y) {
    if (anyNative(x, y)) {
      gelus.forward(kernel, x, y);
    } else {
      super.gelu(kernel, x, y);
    }
  }

  @Override
  public void geluGradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient) {
    if (anyNative(x, yGradient, xGradient)) {
      gelus.gradient(kernel, x, yGradient, xGradient);
    } else {
      super.geluGradient(kernel, x, yGradient, xGradient);
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

  @Override
  public void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y) {
    ReducedAxes reduced =
        anyNative(x) && Reductions.has(kernel) ? ReducedAxes.of(xShape, axes) : null;
    if (reduced == null) {
      super.reduce(kernel, x, xShape, axes, y);
    } else {
      reductions.reduce(kernel, x, reduced, y);
    }
  }

  @Override
  public void softmaxLastAxis(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    if (anyNative(x, y)) {
      softmaxes.forward(kernel, x, rows, columns, y);
    } else {
      super.softmaxLastAxis(kernel, x, rows, columns, y);
    }
  }

  @Override
  public void softmaxGradientLastAxis(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient) {
    if (anyNative(y, yGradient, xGradient)) {
      softmaxes.gradient(kernel, y, yGradient, rows, columns, xGradient);
    } else {
      super.softmaxGradientLastAxis(kernel, y, yGradient, rows, columns, xGradient);
    }
  }

  @Override
  public void crossEntropy(
      CrossEntropyGeometry geometry,
      Buffer x,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer logs,
      Buffer losses) {
    if (anyNative(x, weight, losses)) {
      crossEntropies.forward(geometry, x, targets, weight, logs, losses);
    } else {
      super.crossEntropy(geometry, x, targets, weight, logs, losses);
    }
  }

  @Override
  public void crossEntropyGradient(
      CrossEntropyGeometry geometry,
      Buffer logs,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer lossGradients,
      Buffer xGradient) {
    if (anyNative(logs, weight, lossGradients)) {
      crossEntropies.gradient(geometry, logs, targets, weight, lossGradients, xGradient);
    } else {
      super.crossEntropyGradient(geometry, logs, targets, weight, lossGradients, xGradient);
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
    if (anyNative(x, y)) {
      batchNorms.forward(g, x, weight, bias, mean, variance, y);
    } else {
      super.batchNorm(g, x, weight, bias, mean, variance, y);
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
    if (anyNative(x, yGradient, xGradient)) {
      batchNorms.gradient(
          g, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
    } else {
      super.batchNormGradient(
          g, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
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
    if (anyNative(x, y)) {
      layerNorms.forward(geometry, x, weight, bias, mean, variance, y);
    } else {
      super.layerNorm(geometry, x, weight, bias, mean, variance, y);
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
    if (anyNative(x, yGradient, xGradient)) {
      layerNorms.gradient(
          geometry, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
    } else {
      super.layerNormGradient(
          geometry, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
    }
  }

  @Override
  public void sgdStep(
      SgdStep s, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> momenta) {
    if (anyNative(parameters)) {
      steps.sgd(s, parameters, gradients, momenta);
    } else {
      super.sgdStep(s, parameters, gradients, momenta);
    }
  }

  @Override
  public void adamStep(
      AdamStep s,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs) {
    if (anyNative(parameters)) {
      steps.adam(s, parameters, gradients, expAvgs, expAvgSqs, maxExpAvgSqs);
    } else {
      super.adamStep(s, parameters, gradients, expAvgs, expAvgSqs, maxExpAvgSqs);
    }
  }
}
