// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.BatchNorm.Folded;
import io.sparkgrad.autograd.op.Conv2dOptions;
import org.jspecify.annotations.Nullable;

/**
 * 2-D cross-correlation: input {@code [n, in_channels, h, w]}, output {@code [n, out_channels, oh,
 * ow]}. Parameters {@code weight} [out, in/groups, kh, kw] and {@code bias} [out], both uniform in
 * {@code ±1/√fanIn} at the start.
 */
public final class Conv2d extends Module {
  private final int inChannels;
  private final int outChannels;
  private final int kernelHeight;
  private final int kernelWidth;
  private final Conv2dOptions options;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  public Conv2d(int inChannels, int outChannels, int kernelSize) {
    this(inChannels, outChannels, kernelSize, Conv2dOptions.DEFAULT, true);
  }

  public Conv2d(int inChannels, int outChannels, int kernelSize, Conv2dOptions options) {
    this(inChannels, outChannels, kernelSize, options, true);
  }

  public Conv2d(
      int inChannels, int outChannels, int kernelSize, Conv2dOptions options, boolean bias) {
    this(inChannels, outChannels, kernelSize, kernelSize, options, bias);
  }

  public Conv2d(
      int inChannels,
      int outChannels,
      int kernelHeight,
      int kernelWidth,
      Conv2dOptions options,
      boolean bias) {
    if (inChannels % options.groups() != 0 || outChannels % options.groups() != 0) {
      throw new IllegalArgumentException(
          "Conv2d: expected channels that are divisible by groups, got %d and %d for groups %d"
              .formatted(inChannels, outChannels, options.groups()));
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelHeight = kernelHeight;
    this.kernelWidth = kernelWidth;
    this.options = options;
    this.weight =
        registerParameter(
            "weight",
            new Parameter(
                Tensor.zeros(
                    outChannels, inChannels / options.groups(), kernelHeight, kernelWidth)));
    Init.kaimingUniform_(weight, Math.sqrt(5), Generator.current());
    this.bias = bias ? registerParameter("bias", new Parameter(Tensor.zeros(outChannels))) : null;
    if (this.bias != null) {
      Init.bias_(this.bias, weight.shape(), Generator.current());
    }
  }

  static Conv2d fromJson(LayerArguments a) {
    int[] kernel = a.pair("kernel_size", 1);
    return new Conv2d(
        a.integer("in_channels", 1),
        a.integer("out_channels", 1),
        kernel[0],
        kernel[1],
        options(a),
        a.flag("bias", true));
  }

  static Conv2dOptions options(LayerArguments a) {
    int[] stride = a.pair("stride", 1, 1);
    int[] padding = a.pair("padding", 0, 0);
    int[] dilation = a.pair("dilation", 1, 1);
    return new Conv2dOptions(
        stride[0],
        stride[1],
        padding[0],
        padding[1],
        dilation[0],
        dilation[1],
        a.integer("groups", 1, 1));
  }

  public Parameter weight() {
    return weight;
  }

  /** Null if the layer has none. */
  public @Nullable Parameter bias() {
    return bias;
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.Conv2d.of(x, weight, bias, options);
  }

  /** The relu of {@link #forward}, in one kernel. */
  Tensor relu(Tensor x) {
    return io.sparkgrad.autograd.op.Conv2d.relu(x, weight, bias, options);
  }

  /** {@code relu(norm(forward(x)) + summand)} in one kernel, while no gradients are recorded. */
  Tensor inference(Tensor x, Folded norm, @Nullable Tensor summand, boolean relu) {
    return io.sparkgrad.autograd.op.Conv2d.inference(x, weight, bias, options, norm, summand, relu);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("in_channels", inChannels).put("out_channels", outChannels);
    LayerArguments.putPair(json, "kernel_size", kernelHeight, kernelWidth);
    describe(options, json);
    json.put("bias", bias != null);
  }

  static void describe(Conv2dOptions options, ObjectNode json) {
    LayerArguments.putPair(json, "stride", options.strideHeight(), options.strideWidth());
    LayerArguments.putPair(json, "padding", options.paddingHeight(), options.paddingWidth());
    LayerArguments.putPair(json, "dilation", options.dilationHeight(), options.dilationWidth());
    json.put("groups", options.groups());
  }

  @Override
  protected String arguments() {
    return "%d, %d, kernel_size=(%d, %d), %s%s"
        .formatted(
            inChannels,
            outChannels,
            kernelHeight,
            kernelWidth,
            arguments(options, 0, 0),
            bias == null ? ", bias=False" : "");
  }

  static String arguments(Conv2dOptions options, int outputPaddingHeight, int outputPaddingWidth) {
    return "stride=(%d, %d)%s%s%s%s"
        .formatted(
            options.strideHeight(),
            options.strideWidth(),
            unless(0, "padding", options.paddingHeight(), options.paddingWidth()),
            unless(1, "dilation", options.dilationHeight(), options.dilationWidth()),
            unless(0, "output_padding", outputPaddingHeight, outputPaddingWidth),
            options.groups() > 1 ? ", groups=" + options.groups() : "");
  }

  private static String unless(int usual, String name, int height, int width) {
    return height == usual && width == usual ? "" : ", %s=(%d, %d)".formatted(name, height, width);
  }
}
