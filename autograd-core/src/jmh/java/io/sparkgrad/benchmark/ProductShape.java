// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.benchmark;

/** Products {@code Y[m, n] = X[m, k] · W[n, k]ᵀ} as of a linear layer, or a batch of them. */
public enum ProductShape {
  SIMPLE_CNN_FC(1, 32, 10, 32768),
  MLP_LAYER1_B32(1, 32, 256, 784),
  MLP_LAYER1_B128(1, 128, 256, 784),
  MLP_LAYER2(1, 32, 128, 256),
  MLP_LAYER3(1, 32, 10, 128),
  RESNET18_FC(1, 16, 10, 512),
  ENCODER_PROJECTIONS(1, 1024, 384, 128),
  ENCODER_SCORES(64, 64, 64, 32),
  ENCODER_FEED_FORWARD1(1, 1024, 2048, 128),
  ENCODER_FEED_FORWARD2(1, 1024, 128, 2048),
  SQUARE_512(1, 512, 512, 512);

  final int batch;
  final int m;
  final int n;
  final int k;

  ProductShape(int batch, int m, int n, int k) {
    this.batch = batch;
    this.m = m;
    this.n = n;
    this.k = k;
  }

  long flops() {
    return 2L * batch * m * n * k;
  }
}
