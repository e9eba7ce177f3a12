// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Pool2dOptions;

/** Maximum of windows: {@code [n, c, h, w]} to {@code [n, c, oh, ow]}. */
public final class MaxPool2d extends Module {
  private final Pool2dOptions options;

  /** Windows side by side. */
  public MaxPool2d(int kernelSize) {
    this(Pool2dOptions.of(kernelSize));
  }

  public MaxPool2d(int kernelSize, int stride, int padding) {
    this(Pool2dOptions.of(kernelSize).withStride(stride, stride).withPadding(padding, padding));
  }

  public MaxPool2d(Pool2dOptions options) {
    this.options = options;
  }

  static MaxPool2d fromJson(LayerArguments a) {
    int[] kernel = a.pair("kernel_size", 1);
    int[] stride = a.json().has("stride") ? a.pair("stride", 1) : kernel;
    int[] padding = a.pair("padding", 0, 0);
    int[] dilation = a.pair("dilation", 1, 1);
    return new MaxPool2d(
        Pool2dOptions.of(kernel[0], kernel[1])
            .withStride(stride[0], stride[1])
            .withPadding(padding[0], padding[1])
            .withDilation(dilation[0], dilation[1])
            .withCeilMode(a.flag("ceil_mode", false)));
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.MaxPool2d.of(x, options);
  }

  @Override
  protected void describe(ObjectNode json) {
    LayerArguments.putPair(json, "kernel_size", options.kernelHeight(), options.kernelWidth());
    LayerArguments.putPair(json, "stride", options.strideHeight(), options.strideWidth());
    LayerArguments.putPair(json, "padding", options.paddingHeight(), options.paddingWidth());
    LayerArguments.putPair(json, "dilation", options.dilationHeight(), options.dilationWidth());
    json.put("ceil_mode", options.ceilMode());
  }

  @Override
  protected String arguments() {
    return "kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s"
        .formatted(
            LayerArguments.pairText(options.kernelHeight(), options.kernelWidth()),
            LayerArguments.pairText(options.strideHeight(), options.strideWidth()),
            LayerArguments.pairText(options.paddingHeight(), options.paddingWidth()),
            LayerArguments.pairText(options.dilationHeight(), options.dilationWidth()),
            options.ceilMode() ? "True" : "False");
  }
}
