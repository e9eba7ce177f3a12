// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import org.jspecify.annotations.Nullable;

/**
 * Transposed 2-D convolution, which enlarges by its stride: input {@code [n, in_channels, h, w]},
 * output {@code [n, out_channels, oh, ow]}. Parameters {@code weight} [in, out/groups, k, k] and
 * {@code bias} [out], both uniform in {@code ±1/√fanIn} of the weight's shape at the start.
 */
public final class ConvTranspose2d extends Module {
  private final int inChannels;
  private final int outChannels;
  private final int kernelSize;
  private final Conv2dOptions options;
  private final int outputPadding;
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
    if (inChannels % options.groups() != 0 || outChannels % options.groups() != 0) {
      throw new IllegalArgumentException(
          "ConvTranspose2d: expected channels that are divisible by groups, got %d and %d for groups %d"
              .formatted(inChannels, outChannels, options.groups()));
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.options = options;
    this.outputPadding = outputPadding;
    this.weight =
        registerParameter(
            "weight",
            new Parameter(
                Tensor.zeros(inChannels, outChannels / options.groups(), kernelSize, kernelSize)));
    Init.kaimingUniform_(weight, Math.sqrt(5), Generator.current());
    this.bias = bias ? registerParameter("bias", new Parameter(Tensor.zeros(outChannels))) : null;
    if (this.bias != null) {
      Init.bias_(this.bias, weight.shape(), Generator.current());
    }
  }

  static ConvTranspose2d fromJson(LayerArguments a) {
    return new ConvTranspose2d(
        a.integer("in_channels", 1),
        a.integer("out_channels", 1),
        a.integer("kernel_size", 1),
        Conv2d.options(a),
        a.integer("output_padding", 0, 0),
        a.flag("bias", true));
  }

  public Parameter weight() {
    return weight;
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.ConvTranspose2d.of(
        x, weight, bias, options, outputPadding, outputPadding);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("in_channels", inChannels)
        .put("out_channels", outChannels)
        .put("kernel_size", kernelSize)
        .put("output_padding", outputPadding);
    Conv2d.describe(options, json);
    json.put("bias", bias != null);
  }

  @Override
  protected String arguments() {
    return "%d, %d, kernel_size=(%d, %d), %s%s%s"
        .formatted(
            inChannels,
            outChannels,
            kernelSize,
            kernelSize,
            Conv2d.arguments(options),
            outputPadding == 0
                ? ""
                : ", output_padding=(%d, %d)".formatted(outputPadding, outputPadding),
            bias == null ? ", bias=False" : "");
  }
}
