// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Everything about a batch normalisation but its numbers. Input and output are {@code [n, channels,
 * height, width]}; weight, bias, means and variances {@code [channels]}.
 *
 * @param eps added to each variance, above 0
 * @param ofBatch whether means and (biased) variances are the batch's own, and so depend on the
 *     input, or given
 */
public record BatchNormGeometry(
    int n, int channels, int height, int width, double eps, boolean ofBatch) {
  /** Elements of one channel. */
  public int count() {
    return n * height * width;
  }
}
