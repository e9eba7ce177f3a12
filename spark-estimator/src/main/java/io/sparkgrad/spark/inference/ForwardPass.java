// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Concat;
import io.sparkgrad.nn.Module;
import java.util.Arrays;
import java.util.List;

/**
 * Puts rows through a network. What comes out for a row depends on no other row, and on how many
 * there are only within rounding: to the bit it is the same on the {@code java} backend, and on
 * {@code onednn} with one thread.
 */
final class ForwardPass {
  private final Module network;

  /**
   * @param network in eval mode
   */
  ForwardPass(Module network) {
    this.network = network;
  }

  /**
   * The outputs of the rows one after the other.
   *
   * @param inputs {@code [rows, shape…]}, one for each input of the network
   */
  float[] run(List<Tensor> inputs) {
    try (var mode = GradMode.noGrad()) {
      return inputs.get(0).size(0) == 1 ? alone(inputs) : network.call(inputs).toFloatArray();
    }
  }

  /**
   * As one of two: oneDNN multiplies a single row by another kernel than several, which sums in
   * another order.
   */
  private float[] alone(List<Tensor> inputs) {
    List<Tensor> twice = inputs.stream().map(x -> Concat.of(List.of(x, x), 0)).toList();
    float[] outputs = network.call(twice).toFloatArray();
    return Arrays.copyOf(outputs, outputs.length / 2);
  }
}
