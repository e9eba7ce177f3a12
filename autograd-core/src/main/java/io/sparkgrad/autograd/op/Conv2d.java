// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/**
 * 2-D cross-correlation: x {@code [n, in, h, w]}, weight {@code [out, in/groups, kh, kw]}, bias
 * {@code [out]} or null, result {@code [n, out, oh, ow]}. Saves x only if the weight wants a
 * gradient, and the weight only if x does.
 *
 * <p>Convolution is bilinear, and so are its two gradients: C(x, w), I(g, w) and W(x, g). The
 * derivative of each for each operand is one of the other two, which gives derivatives of every
 * order from three kernels.
 */
public final class Conv2d {
  private Conv2d() {}

  public static Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias, Conv2dOptions options) {
    return forward(checked(x, weight, bias, options), x, weight, bias);
  }

  private static Conv2dGeometry checked(
      Tensor x, Tensor weight, @Nullable Tensor bias, Conv2dOptions options) {
    Kernels.together("conv2d", x, weight);
    Conv2dGeometry geometry = options.geometry(x.shape(), weight.shape());
    if (bias != null) {
      Kernels.together("conv2d", x, bias);
      options.checkBias(weight.shape(), bias.shape());
    }
    return geometry;
  }

  /**
   * The relu of {@link #of}, computed with it and recorded as the two operations that it is. Nobody
   * has the tensor between them, which holds the relu's values.
   */
  public static Tensor relu(Tensor x, Tensor weight, @Nullable Tensor bias, Conv2dOptions options) {
    Conv2dGeometry geometry = checked(x, weight, bias, options);
    return Relu.record(forward(geometry, x, weight, bias, Epilogue.RELU));
  }

  /**
   * {@code relu(bn(conv(x)) + summand)} with a batch norm by given statistics, computed in one.
   *
   * @param norm factors and summands of the channels
   * @param summand null for none
   * @param relu whether there is one
   * @throws IllegalStateException if gradients are recorded
   */
  public static Tensor inference(
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Conv2dOptions options,
      BatchNorm.Folded norm,
      @Nullable Tensor summand,
      boolean relu) {
    if (GradMode.isEnabled()) {
      throw new IllegalStateException("conv2d with a batch norm in it has no gradient");
    }
    Conv2dGeometry c = checked(x, weight, bias, options);
    Buffer scale = norm.scale().buffer();
    Buffer shift = norm.shift().buffer();
    Shape result = Shape.of(c.n(), c.outChannels(), c.outHeight(), c.outWidth());
    if (summand == null || (summand.shape().equals(result) && summand.dtype() == x.dtype())) {
      Buffer added = summand == null ? null : summand.buffer();
      return forward(c, x, weight, bias, new Epilogue(scale, shift, added, relu));
    }
    Tensor y = forward(c, x, weight, bias, new Epilogue(scale, shift, null, false)).add(summand);
    return relu ? y.relu() : y;
  }

  private static Tensor forward(Conv2dGeometry c, Tensor x, Tensor weight, @Nullable Tensor bias) {
    return forward(c, x, weight, bias, Epilogue.NONE);
  }

  private static Tensor forward(
      Conv2dGeometry c, Tensor x, Tensor weight, @Nullable Tensor bias, Epilogue epilogue) {
    Tensor y =
        Tensor.zeros(
            Shape.of(c.n(), c.outChannels(), c.outHeight(), c.outWidth()), x.dtype(), x.backend());
    Buffer b = bias == null ? null : bias.buffer();
    x.backend().conv2d(c, x.buffer(), weight.buffer(), b, epilogue, y.buffer());
    Tensor[] inputs = bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
    return Tape.record(
        "Conv2d",
        y,
        inputs,
        saver ->
            new Gradient(
                c,
                saver.saveIf(saver.needs(1), x),
                saver.saveIf(saver.needs(0), weight),
                bias != null));
  }

  private record Gradient(
      Conv2dGeometry c, @Nullable SavedTensor x, @Nullable SavedTensor weight, boolean hasBias)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor gx = needs.input(0) && weight != null ? inputGradient(c, g, weight.get()) : null;
      boolean wantsBias = hasBias && needs.input(2);
      if (wantsBias && needs.input(1) && x != null && !GradMode.isEnabled()) {
        Tensor gb = Tensor.zeros(Shape.of(c.outChannels()), g.dtype(), g.backend());
        return grads(gx, weightGradient(c, x.get(), g, gb), gb); // both in one kernel
      }
      Tensor gw = needs.input(1) && x != null ? weightGradient(c, x.get(), g, null) : null;
      return hasBias ? grads(gx, gw, wantsBias ? g.sum(0, 2, 3) : null) : grads(gx, gw);
    }
  }

  /** I(g, w): the gradient for the input. */
  static Tensor inputGradient(Conv2dGeometry c, Tensor g, Tensor weight) {
    Tensor gx =
        Tensor.zeros(
            Shape.of(c.n(), c.inChannels(), c.height(), c.width()), g.dtype(), g.backend());
    g.backend().conv2dInputGradient(c, g.buffer(), weight.buffer(), gx.buffer());
    return Tape.record(
        "Conv2dInputGradient",
        gx,
        new Tensor[] {g, weight},
        saver ->
            new InputGradientGradient(
                c, saver.saveIf(saver.needs(1), g), saver.saveIf(saver.needs(0), weight)));
  }

  private record InputGradientGradient(
      Conv2dGeometry c, @Nullable SavedTensor g, @Nullable SavedTensor weight) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor gg, Needs needs) {
      return grads(
          needs.input(0) && weight != null ? forward(c, gg, weight.get(), null) : null,
          needs.input(1) && g != null ? weightGradient(c, gg, g.get(), null) : null);
    }
  }

  /** W(x, g): the gradient for the weight; that for the bias is written, unrecorded, into gb. */
  private static Tensor weightGradient(Conv2dGeometry c, Tensor x, Tensor g, @Nullable Tensor gb) {
    Tensor gw =
        Tensor.zeros(
            Shape.of(c.outChannels(), c.inChannelsPerGroup(), c.kernelHeight(), c.kernelWidth()),
            g.dtype(),
            g.backend());
    g.backend()
        .conv2dWeightGradient(
            c, x.buffer(), g.buffer(), gw.buffer(), gb == null ? null : gb.buffer());
    return Tape.record(
        "Conv2dWeightGradient",
        gw,
        new Tensor[] {x, g},
        saver ->
            new WeightGradientGradient(
                c, saver.saveIf(saver.needs(1), x), saver.saveIf(saver.needs(0), g)));
  }

  private record WeightGradientGradient(
      Conv2dGeometry c, @Nullable SavedTensor x, @Nullable SavedTensor g) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor gg, Needs needs) {
      return grads(
          needs.input(0) && g != null ? inputGradient(c, g.get(), gg) : null,
          needs.input(1) && x != null ? forward(c, x.get(), gg, null) : null);
    }
  }
}
