// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import io.sparkgrad.autograd.Tensor;
import java.util.List;

/**
 * Some rows, as the network takes them.
 *
 * @param inputs one tensor {@code [rows, shape…]} for each input of the network
 * @param labels the labels of the rows one after the other, as many numbers for each
 * @param weights one for each row
 */
public record Batch(List<Tensor> inputs, double[] labels, double[] weights) {
  /** The number of rows. */
  public int size() {
    return weights.length;
  }
}
