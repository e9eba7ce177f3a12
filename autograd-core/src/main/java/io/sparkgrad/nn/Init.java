// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;

/**
 * How parameters start: {@code torch.nn.init}. All write in place, under noGrad, and draw from one
 * generator.
 */
public final class Init {
  private Init() {}

  /** Uniform in {@code [low, high)}. */
  public static Tensor uniform_(Tensor t, double low, double high, Generator generator) {
    try (var mode = GradMode.noGrad()) {
      return t.uniform_(low, high, generator);
    }
  }

  public static Tensor normal_(Tensor t, double mean, double std, Generator generator) {
    try (var mode = GradMode.noGrad()) {
      return t.normal_(mean, std, generator);
    }
  }

  /**
   * Uniform in {@code ±gain·√(3/fanIn)} with the gain of a leaky relu of slope {@code a} (He et
   * al., Delving Deep into Rectifiers, 2015).
   */
  public static Tensor kaimingUniform_(Tensor t, double a, Generator generator) {
    return kaimingUniform_(t, a, FanMode.FAN_IN, generator);
  }

  /** Normal with deviation {@code gain/√fanIn}. */
  public static Tensor kaimingNormal_(Tensor t, double a, Generator generator) {
    return kaimingNormal_(t, a, FanMode.FAN_IN, generator);
  }

  /** Which variance the layer is to keep: that of its outputs or that of its gradients. */
  public enum FanMode {
    FAN_IN,
    FAN_OUT;

    private long of(Shape weight) {
      return this == FAN_IN ? fanIn(weight) : fanOut(weight);
    }
  }

  /** Uniform in {@code ±gain·√(3/fan)}. */
  public static Tensor kaimingUniform_(Tensor t, double a, FanMode mode, Generator generator) {
    double bound = leakyReluGain(a) * Math.sqrt(3.0 / mode.of(t.shape()));
    return uniform_(t, -bound, bound, generator);
  }

  /** Normal with deviation {@code gain/√fan}. */
  public static Tensor kaimingNormal_(Tensor t, double a, FanMode mode, Generator generator) {
    return normal_(t, 0, leakyReluGain(a) / Math.sqrt(mode.of(t.shape())), generator);
  }

  /** Normal with deviation {@code √(2/(fanIn + fanOut))}. */
  public static Tensor xavierNormal_(Tensor t, Generator generator) {
    return normal_(t, 0, Math.sqrt(2.0 / (fanIn(t.shape()) + fanOut(t.shape()))), generator);
  }

  /** Uniform in {@code ±√(6/(fanIn + fanOut))} (Glorot, Bengio, 2010). */
  public static Tensor xavierUniform_(Tensor t, Generator generator) {
    double bound = Math.sqrt(6.0 / (fanIn(t.shape()) + fanOut(t.shape())));
    return uniform_(t, -bound, bound, generator);
  }

  /**
   * What PyTorch gives the bias of a linear or convolutional layer: uniform in {@code ±1/√fanIn} of
   * its weight.
   */
  static Tensor bias_(Tensor bias, Shape weight, Generator generator) {
    long fanIn = fanIn(weight);
    double bound = fanIn == 0 ? 0 : 1 / Math.sqrt(fanIn);
    return uniform_(bias, -bound, bound, generator);
  }

  /** {@link #calculateGain(String, double)}, with a slope of 0.01 for {@code leaky_relu}. */
  public static double calculateGain(String nonlinearity) {
    return calculateGain(nonlinearity, 0.01);
  }

  /**
   * The deviation of weights that keeps the variance behind this nonlinearity, in units of {@code
   * 1/√fan}.
   *
   * @param nonlinearity PyTorch's name: {@code relu}, {@code tanh}, {@code conv2d} and so on
   * @param slope of {@code leaky_relu} below 0; the others ignore it
   */
  public static double calculateGain(String nonlinearity, double slope) {
    return switch (nonlinearity) {
      case "linear", "conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "sigmoid" -> 1;
      case "tanh" -> 5.0 / 3;
      case "relu" -> leakyReluGain(0);
      case "leaky_relu" -> leakyReluGain(slope);
      case "selu" -> 0.75;
      default ->
          throw new IllegalArgumentException(
              "init: expected a nonlinearity out of linear, conv1d, conv2d, conv_transpose1d, conv_transpose2d, sigmoid, tanh, relu, leaky_relu and selu, got '"
                  + nonlinearity
                  + "'");
    };
  }

  /** {@code √(2/(1 + a²))}. */
  public static double leakyReluGain(double a) {
    return Math.sqrt(2 / (1 + a * a));
  }

  /** Inputs of one output: {@code size(1)·receptive field}. */
  public static long fanIn(Shape weight) {
    return requireMatrix(weight).size(1) * receptiveField(weight);
  }

  /** Outputs of one input: {@code size(0)·receptive field}. */
  public static long fanOut(Shape weight) {
    return requireMatrix(weight).size(0) * receptiveField(weight);
  }

  private static long receptiveField(Shape weight) {
    return Arrays.stream(weight.dims()).skip(2).reduce(1, (a, b) -> a * b);
  }

  private static Shape requireMatrix(Shape weight) {
    if (weight.rank() < 2) {
      throw new IllegalArgumentException(
          "init: fan in and fan out cannot be computed for a tensor with fewer than 2 dimensions, got "
              + weight);
    }
    return weight;
  }
}
