// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2d;
import io.sparkgrad.autograd.op.Conv2dOptions;

/**
 * Anti-aliased downsampling (Zhang, Making Convolutional Networks Shift-Invariant Again, 2019): a
 * fixed 3×3 binomial filter over each channel, padding 1. The filter is the buffer {@code filt}
 * [channels, 1, 3, 3]; it is never trained.
 */
public final class BlurPool2d extends Module {
  private static final float[] BINOMIAL = {1, 2, 1, 2, 4, 2, 1, 2, 1};

  private final int channels;
  private final int stride;
  private final Tensor filt;
  private final Conv2dOptions options;

  public BlurPool2d(int channels, int stride) {
    this.channels = channels;
    this.stride = stride;
    this.options = Conv2dOptions.DEFAULT.withStride(stride).withPadding(1).withGroups(channels);
    float[] values = new float[channels * BINOMIAL.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = BINOMIAL[i % BINOMIAL.length] / 16;
    }
    this.filt = registerBuffer("filt", Tensor.of(values, channels, 1, 3, 3));
  }

  static BlurPool2d fromJson(LayerArguments a) {
    return new BlurPool2d(a.integer("channels", 1), a.integer("stride", 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    return Conv2d.of(x, filt, null, options);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("channels", channels).put("stride", stride);
  }

  @Override
  protected String arguments() {
    return "channels=%d, stride=%d".formatted(channels, stride);
  }
}
