// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;

/** Maximum of square windows: {@code [n, c, h, w]} to {@code [n, c, oh, ow]}. */
public final class MaxPool2d extends Module {
  private final int kernelSize;
  private final int stride;
  private final int padding;

  /** Windows side by side. */
  public MaxPool2d(int kernelSize) {
    this(kernelSize, kernelSize, 0);
  }

  public MaxPool2d(int kernelSize, int stride, int padding) {
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.padding = padding;
  }

  static MaxPool2d fromJson(LayerArguments a) {
    int kernel = a.integer("kernel_size", 1);
    return new MaxPool2d(kernel, a.integer("stride", 1, kernel), a.integer("padding", 0, 0));
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.MaxPool2d.of(x, kernelSize, stride, padding);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("kernel_size", kernelSize).put("stride", stride).put("padding", padding);
  }

  @Override
  protected String arguments() {
    return "kernel_size=%d, stride=%d, padding=%d".formatted(kernelSize, stride, padding);
  }
}
