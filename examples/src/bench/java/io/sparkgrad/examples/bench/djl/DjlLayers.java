// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import io.sparkgrad.examples.bench.LayerOperations;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The layers as the functions that DJL's blocks call. */
final class DjlLayers implements LayerOperations<NDArray> {
  private static final Shape ONE = new Shape(1, 1);
  private static final int CHANNELS = 1;

  private static Shape pair(int value) {
    return new Shape(value, value);
  }

  @Override
  public UnaryOperator<NDArray> conv2d(NDArray weight, @Nullable NDArray bias, Window window) {
    Shape stride = pair(window.stride());
    Shape padding = pair(window.padding());
    int groups = window.groups();
    return x -> Conv2d.conv2d(x, weight, bias, stride, padding, ONE, groups).singletonOrThrow();
  }

  @Override
  public UnaryOperator<NDArray> linear(NDArray weight, @Nullable NDArray bias) {
    return x -> Linear.linear(x, weight, bias).singletonOrThrow();
  }

  @Override
  public UnaryOperator<NDArray> maxPool2d(Window window) {
    Shape kernel = pair(window.kernel());
    Shape stride = pair(window.stride());
    Shape padding = pair(window.padding());
    return x -> Pool.maxPool2d(x, kernel, stride, padding, false);
  }

  @Override
  public UnaryOperator<NDArray> batchNorm(Norm<NDArray> norm, boolean training) {
    float momentum = (float) norm.momentum();
    float eps = (float) norm.eps();
    return x ->
        BatchNorm.batchNorm(
                x,
                norm.mean(),
                norm.variance(),
                norm.weight(),
                norm.bias(),
                CHANNELS,
                momentum,
                eps,
                training)
            .singletonOrThrow();
  }

  @Override
  public UnaryOperator<NDArray> layerNorm(NDArray weight, NDArray bias, double eps) {
    throw new UnsupportedOperationException("the attention is not written for DJL");
  }

  @Override
  public UnaryOperator<NDArray> attention(Attention<NDArray> attention) {
    throw new UnsupportedOperationException("the attention is not written for DJL");
  }

  @Override
  public NDArray relu(NDArray x) {
    return x.getNDArrayInternal().relu();
  }

  @Override
  public NDArray add(NDArray a, NDArray b) {
    return a.add(b);
  }

  @Override
  public NDArray flatten(NDArray x) {
    return x.reshape(x.getShape().get(0), -1);
  }

  @Override
  public NDArray globalAvgPool2d(NDArray x) {
    return Pool.globalAvgPool2d(x);
  }
}
