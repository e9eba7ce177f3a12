// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.autograd.op.Concat;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.Arrays;
import java.util.List;

/**
 * Puts rows through a network. What comes out for a row depends on no other row, and on how many
 * there are only within rounding: to the bit it is the same on the {@code java} backend, and on
 * {@code onednn} with one thread.
 */
final class ForwardPass {
  private final Module network;
  private final OutOfMemory onOutOfMemory;

  /**
   * @param network in eval mode
   */
  ForwardPass(Module network, OutOfMemory onOutOfMemory) {
    this.network = network;
    this.onOutOfMemory = onOutOfMemory;
  }

  /**
   * The outputs of the rows one after the other.
   *
   * @param inputs {@code [rows, shape…]}, one for each input of the network
   */
  float[] run(List<Tensor> inputs) {
    try (var mode = GradMode.noGrad()) {
      return inputs.get(0).size(0) == 1 ? alone(inputs) : together(inputs);
    }
  }

  private float[] together(List<Tensor> inputs) {
    int rows = Math.toIntExact(inputs.get(0).size(0));
    try (var scope = TensorScope.open()) {
      return network.call(inputs).toFloatArray();
    } catch (OutOfDeviceMemoryException e) {
      if (onOutOfMemory == OutOfMemory.FAIL) {
        throw new InputException(
            "inferenceBatchSize: a batch of %d rows does not fit the device (%s); lower inferenceBatchSize or set onOutOfMemory=split."
                .formatted(rows, e.getMessage()),
            e);
      }
    }
    int half = (rows + 1) / 2;
    float[] first = run(narrowed(inputs, 0, half));
    float[] second = run(narrowed(inputs, half, rows - half));
    float[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static List<Tensor> narrowed(List<Tensor> inputs, int start, int length) {
    return inputs.stream().map(x -> x.narrow(0, start, length)).toList();
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
