// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;

/** Two 3×3 convolutions to 16 and 32 channels, each with a relu, and a linear head {@code fc}. */
public final class SimpleCnn {
  private SimpleCnn() {}

  /** For images {@code [n, channels, height, width]}; puts out {@code [n, classes]}. */
  public static Sequential create(int channels, int height, int width, int classes) {
    Conv2dOptions same = Conv2dOptions.DEFAULT.withPadding(1);
    return Sequential.builder()
        .add("conv1", new Conv2d(channels, 16, 3, same))
        .add("relu1", new ReLU())
        .add("conv2", new Conv2d(16, 32, 3, same))
        .add("relu2", new ReLU())
        .add("flatten", new Flatten())
        .add("fc", new Linear(32 * height * width, classes))
        .build();
  }
}
