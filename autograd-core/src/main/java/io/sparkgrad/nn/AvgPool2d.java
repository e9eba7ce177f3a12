// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Pool2dOptions;

/** Mean of windows: {@code [n, c, h, w]} to {@code [n, c, oh, ow]}. */
public final class AvgPool2d extends Module {
  private final Pool2dOptions options;
  private final boolean countIncludePad;

  /** Windows side by side. */
  public AvgPool2d(int kernelSize) {
    this(Pool2dOptions.of(kernelSize), true);
  }

  public AvgPool2d(int kernelSize, int stride, int padding) {
    this(
        Pool2dOptions.of(kernelSize).withStride(stride, stride).withPadding(padding, padding),
        true);
  }

  public AvgPool2d(Pool2dOptions options, boolean countIncludePad) {
    this.options = options;
    this.countIncludePad = countIncludePad;
  }

  static AvgPool2d fromJson(LayerArguments a) {
    int[] kernel = a.pair("kernel_size", 1);
    int[] stride = a.json().has("stride") ? a.pair("stride", 1) : kernel;
    int[] padding = a.pair("padding", 0, 0);
    return new AvgPool2d(
        Pool2dOptions.of(kernel[0], kernel[1])
            .withStride(stride[0], stride[1])
            .withPadding(padding[0], padding[1])
            .withCeilMode(a.flag("ceil_mode", false)),
        a.flag("count_include_pad", true));
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.AvgPool2d.of(x, options, countIncludePad);
  }

  @Override
  protected void describe(ObjectNode json) {
    LayerArguments.putPair(json, "kernel_size", options.kernelHeight(), options.kernelWidth());
    LayerArguments.putPair(json, "stride", options.strideHeight(), options.strideWidth());
    LayerArguments.putPair(json, "padding", options.paddingHeight(), options.paddingWidth());
    json.put("ceil_mode", options.ceilMode()).put("count_include_pad", countIncludePad);
  }

  @Override
  protected String arguments() {
    return "kernel_size=%s, stride=%s, padding=%s"
        .formatted(
            LayerArguments.pairText(options.kernelHeight(), options.kernelWidth()),
            LayerArguments.pairText(options.strideHeight(), options.strideWidth()),
            LayerArguments.pairText(options.paddingHeight(), options.paddingWidth()));
  }
}
