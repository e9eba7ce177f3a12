// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.libtorch;

import io.sparkgrad.examples.bench.Candidate;
import io.sparkgrad.examples.bench.Workload;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch with images and kernels in channels_last; the batch lies so before a step starts. In
 * 2.10 its 1×1 convolution with stride 2 of 256 channels of 4×4 pixels to 512 is wrong in this
 * layout, by half of the largest number and more: on ResNet-18 it is measured and does not count.
 */
public final class LibtorchChannelsLast implements Candidate {
  private static final int IMAGE_RANK = 4;

  @Override
  public String name() {
    return "libtorch-channels-last";
  }

  @Override
  public String start(int threads) {
    return Libtorch.describe(threads);
  }

  @Override
  public Trial prepare(Workload workload) {
    if (workload.input().rank() != IMAGE_RANK) {
      throw new UnsupportedOperationException("no images, nothing to lay out");
    }
    return new LibtorchTrial(workload, torch.MemoryFormat.ChannelsLast);
  }
}
