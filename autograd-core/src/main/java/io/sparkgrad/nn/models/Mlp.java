// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;

/** Linear layers with a relu between each two: {@code fc1, relu1, fc2, …}. */
public final class Mlp {
  private Mlp() {}

  /** For example {@code create(784, 128, 10)}. */
  public static Sequential create(int... sizes) {
    if (sizes.length < 2) {
      throw new IllegalArgumentException(
          "Mlp: expected at least an input and an output size, got " + sizes.length);
    }
    Sequential.Builder net = Sequential.builder();
    for (int i = 1; i < sizes.length; i++) {
      net.add("fc" + i, new Linear(sizes[i - 1], sizes[i]));
      if (i < sizes.length - 1) {
        net.add("relu" + i, new ReLU());
      }
    }
    return net.build();
  }
}
