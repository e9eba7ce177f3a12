// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import org.jspecify.annotations.Nullable;

/**
 * 1-D cross-correlation: input {@code [n, in_channels, length]}, output {@code [n, out_channels,
 * ol]}. Parameters {@code weight} [out, in/groups, k] and {@code bias} [out], both uniform in
 * {@code ±1/√fanIn} at the start. Of the options the settings for the width count.
 */
public final class Conv1d extends Module {
  private final int inChannels;
  private final int outChannels;
  private final int kernelSize;
  private final Conv2dOptions options;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  public Conv1d(int inChannels, int outChannels, int kernelSize) {
    this(inChannels, outChannels, kernelSize, Conv2dOptions.DEFAULT, true);
  }

  public Conv1d(
      int inChannels, int outChannels, int kernelSize, Conv2dOptions options, boolean bias) {
    if (inChannels % options.groups() != 0 || outChannels % options.groups() != 0) {
      throw new IllegalArgumentException(
          "Conv1d: expected channels that are divisible by groups, got %d and %d for groups %d"
              .formatted(inChannels, outChannels, options.groups()));
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.options = options;
    this.weight =
        registerParameter(
            "weight",
            new Parameter(Tensor.zeros(outChannels, inChannels / options.groups(), kernelSize)));
    Init.kaimingUniform_(weight, Math.sqrt(5), Generator.current());
    this.bias = bias ? registerParameter("bias", new Parameter(Tensor.zeros(outChannels))) : null;
    if (this.bias != null) {
      Init.bias_(this.bias, weight.shape(), Generator.current());
    }
  }

  static Conv1d fromJson(LayerArguments a) {
    Conv2dOptions options =
        new Conv2dOptions(
            1,
            a.integer("stride", 1, 1),
            0,
            a.integer("padding", 0, 0),
            1,
            a.integer("dilation", 1, 1),
            a.integer("groups", 1, 1));
    return new Conv1d(
        a.integer("in_channels", 1),
        a.integer("out_channels", 1),
        a.integer("kernel_size", 1),
        options,
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
    return io.sparkgrad.autograd.op.Conv1d.of(x, weight, bias, options);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("in_channels", inChannels)
        .put("out_channels", outChannels)
        .put("kernel_size", kernelSize)
        .put("stride", options.strideWidth())
        .put("padding", options.paddingWidth())
        .put("dilation", options.dilationWidth())
        .put("groups", options.groups())
        .put("bias", bias != null);
  }

  @Override
  protected String arguments() {
    return "%d, %d, kernel_size=(%d,), stride=(%d,)%s%s%s%s"
        .formatted(
            inChannels,
            outChannels,
            kernelSize,
            options.strideWidth(),
            options.paddingWidth() == 0 ? "" : ", padding=(%d,)".formatted(options.paddingWidth()),
            options.dilationWidth() == 1
                ? ""
                : ", dilation=(%d,)".formatted(options.dilationWidth()),
            options.groups() > 1 ? ", groups=" + options.groups() : "",
            bias == null ? ", bias=False" : "");
  }
}
