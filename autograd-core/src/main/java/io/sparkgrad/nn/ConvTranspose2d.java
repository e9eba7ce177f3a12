// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import org.jspecify.annotations.Nullable;

/**
 * Transposed 2-D convolution, which enlarges by its stride: input {@code [n, in_channels, h, w]},
 * output {@code [n, out_channels, oh, ow]}. Parameters {@code weight} [in, out/groups, kh, kw] and
 * {@code bias} [out], both uniform in {@code ±1/√fanIn} of the weight's shape at the start.
 */
public final class ConvTranspose2d extends Module {
  private final int inChannels;
  private final int outChannels;
  private final int kernelHeight;
  private final int kernelWidth;
  private final Conv2dOptions options;
  private final int outputPaddingHeight;
  private final int outputPaddingWidth;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  public ConvTranspose2d(int inChannels, int outChannels, int kernelSize) {
    this(inChannels, outChannels, kernelSize, Conv2dOptions.DEFAULT, 0, true);
  }

  public ConvTranspose2d(
      int inChannels,
      int outChannels,
      int kernelSize,
      Conv2dOptions options,
      int outputPadding,
      boolean bias) {
    this(
        inChannels,
        outChannels,
        kernelSize,
        kernelSize,
        options,
        outputPadding,
        outputPadding,
        bias);
  }

  public ConvTranspose2d(
      int inChannels,
      int outChannels,
      int kernelHeight,
      int kernelWidth,
      Conv2dOptions options,
      int outputPaddingHeight,
      int outputPaddingWidth,
      boolean bias) {
    checkGroups(inChannels, outChannels, options.groups());
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelHeight = kernelHeight;
    this.kernelWidth = kernelWidth;
    this.options = options;
    this.outputPaddingHeight = outputPaddingHeight;
    this.outputPaddingWidth = outputPaddingWidth;
    this.weight =
        registerParameter(
            "weight",
            new Parameter(
                Tensor.zeros(
                    inChannels, outChannels / options.groups(), kernelHeight, kernelWidth)));
    Init.kaimingUniform_(weight, Math.sqrt(5), Generator.current());
    this.bias = bias ? registerParameter("bias", new Parameter(Tensor.zeros(outChannels))) : null;
    if (this.bias != null) {
      Init.bias_(this.bias, weight.shape(), Generator.current());
    }
  }

  private static void checkGroups(int inChannels, int outChannels, int groups) {
    if (inChannels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          "ConvTranspose2d: expected channels that are divisible by groups, got %d and %d for groups %d"
              .formatted(inChannels, outChannels, groups));
    }
  }

  static ConvTranspose2d fromJson(LayerArguments a) {
    int[] kernel = a.pair("kernel_size", 1);
    int[] outputPadding = a.pair("output_padding", 0, 0);
    return new ConvTranspose2d(
        a.integer("in_channels", 1),
        a.integer("out_channels", 1),
        kernel[0],
        kernel[1],
        Conv2d.options(a),
        outputPadding[0],
        outputPadding[1],
        a.flag("bias", true));
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
    return io.sparkgrad.autograd.op.ConvTranspose2d.of(
        x, weight, bias, options, outputPaddingHeight, outputPaddingWidth);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("in_channels", inChannels).put("out_channels", outChannels);
    LayerArguments.putPair(json, "kernel_size", kernelHeight, kernelWidth);
    LayerArguments.putPair(json, "output_padding", outputPaddingHeight, outputPaddingWidth);
    Conv2d.describe(options, json);
    json.put("bias", bias != null);
  }

  @Override
  protected String arguments() {
    return "%d, %d, kernel_size=(%d, %d), %s%s"
        .formatted(
            inChannels,
            outChannels,
            kernelHeight,
            kernelWidth,
            Conv2d.arguments(options, outputPaddingHeight, outputPaddingWidth),
            bias == null ? ", bias=False" : "");
  }
}
