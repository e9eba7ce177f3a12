// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A peer's layers: each method binds what stays the same from step to step. What a peer leaves out
 * throws an {@link UnsupportedOperationException} that says so.
 *
 * @param <T> the peer's tensor
 */
public interface LayerOperations<T> {
  /** Of a convolution or a pooling, the same along both axes. */
  record Window(int kernel, int stride, int padding, int groups) {}

  /** Of a batch norm with running statistics. */
  record Norm<T>(T weight, T bias, T mean, T variance, double eps, double momentum) {}

  /** Of an attention of a sequence to itself, batch first. */
  record Attention<T>(T inWeight, T inBias, T outWeight, T outBias, int heads) {}

  UnaryOperator<T> conv2d(T weight, @Nullable T bias, Window window);

  UnaryOperator<T> linear(T weight, @Nullable T bias);

  UnaryOperator<T> maxPool2d(Window window);

  UnaryOperator<T> batchNorm(Norm<T> norm, boolean training);

  UnaryOperator<T> layerNorm(T weight, T bias, double eps);

  UnaryOperator<T> attention(Attention<T> attention);

  T relu(T x);

  T add(T a, T b);

  /** From axis 1. */
  T flatten(T x);

  /** To 1×1 pixel. */
  T globalAvgPool2d(T x);
}
