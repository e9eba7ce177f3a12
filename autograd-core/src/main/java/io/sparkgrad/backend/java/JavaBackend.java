// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.CrossEntropyGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.GeluKernel;
import io.sparkgrad.backend.LayerNormGeometry;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.backend.SgdStep;
import io.sparkgrad.backend.SoftmaxKernel;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands each kernel to the class of its family; stateless. Faster CPU backends extend it, and leave
 * to it what is not worth a native call.
 */
public class JavaBackend implements Backend {
  @Override
  public String name() {
    return "java";
  }

  @Override
  public DeviceType deviceType() {
    return DeviceType.CPU;
  }

  @Override
  public boolean supports(DType dtype) {
    return dtype.isFloatingPoint();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return new HeapBuffer(this, dtype, length);
  }

  @Override
  public void upload(double[] source, Buffer target) {
    HeapBuffer out = HeapBuffer.of(target);
    for (int i = 0; i < source.length; i++) {
      out.set(i, source[i]);
    }
  }

  @Override
  public void upload(float[] source, int offset, Buffer target) {
    HeapBuffer out = HeapBuffer.of(target);
    if (out.array() instanceof float[] f) {
      System.arraycopy(source, offset, f, 0, f.length);
    } else {
      for (int i = 0; i < out.size(); i++) {
        out.set(i, source[offset + i]);
      }
    }
  }

  @Override
  public void upload(long[] source, Buffer target) {
    HeapBuffer out = HeapBuffer.of(target);
    if (out.array() instanceof long[] l) {
      System.arraycopy(source, 0, l, 0, source.length);
    } else {
      for (int i = 0; i < source.length; i++) {
        out.set(i, (double) source[i]);
      }
    }
  }

  @Override
  public void download(Buffer source, double[] target) {
    HeapBuffer in = HeapBuffer.of(source);
    for (int i = 0; i < target.length; i++) {
      target[i] = in.get(i);
    }
  }

  @Override
  public void download(Buffer source, float[] target, int offset) {
    HeapBuffer in = HeapBuffer.of(source);
    if (in.array() instanceof float[] f) {
      System.arraycopy(f, 0, target, offset, f.length);
    } else {
      for (int i = 0; i < in.size(); i++) {
        target[offset + i] = (float) in.get(i);
      }
    }
  }

  @Override
  public void download(Buffer source, long[] target) {
    HeapBuffer in = HeapBuffer.of(source);
    if (in.array() instanceof long[] l) {
      System.arraycopy(l, 0, target, 0, target.length);
    } else {
      for (int i = 0; i < target.length; i++) {
        target[i] = (long) in.get(i);
      }
    }
  }

  @Override
  public void fill(Buffer target, double value) {
    HeapBuffer out = HeapBuffer.of(target);
    if (out.array() instanceof float[] f) {
      Arrays.fill(f, (float) value);
    } else {
      for (int i = 0; i < out.size(); i++) {
        out.set(i, value);
      }
    }
  }

  @Override
  public void cast(Buffer source, Buffer target) {
    HeapBuffer in = HeapBuffer.of(source);
    HeapBuffer out = HeapBuffer.of(target);
    for (int i = 0; i < in.size(); i++) {
      out.set(i, in.get(i));
    }
  }

  @Override
  public void copy(Shape region, Buffer source, Layout from, Buffer target, Layout to) {
    Movement.copy(region, source, from, target, to);
  }

  @Override
  public void unary(UnaryKernel kernel, double p, Buffer x, Buffer y) {
    Elementwise.unary(kernel, p, x, y);
  }

  @Override
  public void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape) {
    Elementwise.binary(kernel, a, aShape, b, bShape, y, yShape);
  }

  @Override
  public void reluGradient(Buffer y, Buffer g, Buffer gx) {
    Elementwise.reluGradient(y, g, gx);
  }

  @Override
  public void gelu(GeluKernel kernel, Buffer x, Buffer y) {
    Gelu.forward(kernel, x, y);
  }

  @Override
  public void geluGradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient) {
    Gelu.gradient(kernel, x, yGradient, xGradient);
  }

  @Override
  public void axpy(double alpha, Buffer x, Buffer y) {
    Elementwise.axpy(alpha, x, y);
  }

  @Override
  public void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y) {
    Reductions.reduce(kernel, x, xShape, axes, y);
  }

  @Override
  public void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    Reductions.scanLastAxis(kernel, x, rows, columns, y);
  }

  @Override
  public void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices) {
    Reductions.argmaxLastAxis(x, rows, columns, indices);
  }

  @Override
  public void softmaxLastAxis(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    Softmax.forward(kernel, x, rows, columns, y);
  }

  @Override
  public void softmaxGradientLastAxis(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient) {
    Softmax.gradient(kernel, y, yGradient, rows, columns, xGradient);
  }

  @Override
  public void crossEntropy(
      CrossEntropyGeometry geometry,
      Buffer x,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer logs,
      Buffer losses) {
    CrossEntropy.forward(geometry, x, targets, weight, logs, losses);
  }

  @Override
  public void crossEntropyGradient(
      CrossEntropyGeometry geometry,
      Buffer logs,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer lossGradients,
      Buffer xGradient) {
    CrossEntropy.gradient(geometry, logs, targets, weight, lossGradients, xGradient);
  }

  @Override
  public void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    Movement.gatherRows(x, columns, indices, y);
  }

  @Override
  public void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    Movement.scatterAddRows(x, columns, indices, y);
  }

  @Override
  public void matmul(MatmulGeometry geometry, Buffer a, Buffer b, Buffer c) {
    Matmul.matmul(geometry, a, b, c);
  }

  @Override
  public void linear(
      LinearGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      boolean relu,
      Buffer y) {
    Matmul.matmul(geometry.product(), x, weight, y);
    if (bias != null) {
      Shape shape = Shape.of(geometry.rows(), geometry.out());
      Elementwise.binary(BinaryKernel.ADD, y, shape, bias, Shape.of(geometry.out()), y, shape);
    }
    if (relu) {
      Elementwise.unary(UnaryKernel.RELU, 0, y, y);
    }
  }

  @Override
  public void conv2d(
      Conv2dGeometry geometry, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    Convolution.forward(geometry, x, weight, bias, y);
  }

  @Override
  public void conv2dInputGradient(
      Conv2dGeometry geometry, Buffer yGradient, Buffer weight, Buffer xGradient) {
    Convolution.inputGradient(geometry, yGradient, weight, xGradient);
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer yGradient,
      Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    Convolution.weightGradient(geometry, x, yGradient, weightGradient);
    if (biasGradient != null) {
      Shape y =
          Shape.of(geometry.n(), geometry.outChannels(), geometry.outHeight(), geometry.outWidth());
      boolean[] allButChannels = {true, false, true, true};
      Reductions.reduce(ReduceKernel.SUM, yGradient, y, allButChannels, biasGradient);
    }
  }

  @Override
  public @Nullable Buffer maxPool2d(Pool2dGeometry geometry, Buffer x, Buffer y, boolean places) {
    Buffer indices = places ? new HeapBuffer(this, DType.INT64, y.length()) : null;
    Pooling.maxPool2d(geometry, x, y, indices == null ? null : HeapBuffer.longs(indices));
    return indices;
  }

  @Override
  public void maxPool2dGradient(
      Pool2dGeometry geometry, Buffer places, Buffer yGradient, Buffer xGradient) {
    fill(xGradient, 0);
    Movement.scatterAddRows(yGradient, 1, places, xGradient);
  }

  @Override
  public void maxPool2dIndices(Pool2dGeometry geometry, Buffer places, Buffer indices) {
    System.arraycopy(
        HeapBuffer.longs(places), 0, HeapBuffer.longs(indices), 0, (int) places.length());
  }

  @Override
  public void avgPool2d(Pool2dGeometry geometry, boolean countIncludePad, Buffer x, Buffer y) {
    Pooling.avgPool2d(geometry, countIncludePad, x, y);
  }

  @Override
  public void avgPool2dGradient(
      Pool2dGeometry geometry, boolean countIncludePad, Buffer yGradient, Buffer xGradient) {
    fill(xGradient, 0);
    Pooling.avgPool2dGradient(geometry, countIncludePad, yGradient, xGradient);
  }

  @Override
  public void batchNorm(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    BatchNormalization.forward(geometry, x, weight, bias, mean, variance, y);
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
    BatchNormalization.gradient(
        geometry, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
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
    LayerNormalization.forward(geometry, x, weight, bias, mean, variance, y);
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
    LayerNormalization.gradient(
        geometry, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
  }

  @Override
  public void sgdStep(
      SgdStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> momentumBuffers) {
    OptimizerSteps.sgd(settings, parameters, gradients, momentumBuffers);
  }

  @Override
  public void adamStep(
      AdamStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs) {
    OptimizerSteps.adam(settings, parameters, gradients, expAvgs, expAvgSqs, maxExpAvgSqs);
  }
}
