// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.autograd.op.Concat;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.device.BatchPieces;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Puts rows through a network. What comes out for a row depends on no other row, and on how many
 * there are only within rounding: to the bit it is the same on the {@code java} backend, and on
 * {@code onednn} with one thread.
 */
final class ForwardPass {
  /** One row is computed as one of two. */
  private static final int FEWEST = 2;

  private final Module network;
  private final BatchPieces pieces;

  /** The rows of a batch, as far as they are wanted. */
  @FunctionalInterface
  interface Inputs {
    /**
     * Rows {@code from} to {@code to - 1}: {@code [rows, shape…]}, one tensor for each input of the
     * network.
     */
    List<Tensor> rows(int from, int to);
  }

  /**
   * @param network in eval mode
   */
  ForwardPass(Module network, OutOfMemory onOutOfMemory) {
    this.network = network;
    this.pieces = new BatchPieces(onOutOfMemory, "inferenceBatchSize", FEWEST);
  }

  /**
   * The outputs of so many rows, at least one, one after the other.
   *
   * @param inputs is asked for them within a scope that frees them, also more than once
   */
  float[] run(int rows, Inputs inputs) {
    return begin(rows, inputs).get();
  }

  /**
   * Begins to compute the outputs as {@link #run}. The device's memory is free for other work that
   * is begun afterwards: the outputs are on their way to the host.
   *
   * @return waits for them
   */
  Supplier<float[]> begin(int rows, Inputs inputs) {
    List<Supplier<float[]>> outputs = new ArrayList<>();
    pieces.run(
        () -> pieces.each(0, rows, (from, to, last) -> outputs.add(outputs(inputs, from, to))),
        () -> outputs::clear);
    return () -> concatenated(outputs.stream().map(Supplier::get).toList());
  }

  private Supplier<float[]> outputs(Inputs inputs, int from, int to) {
    try (var mode = GradMode.noGrad();
        var scope = TensorScope.open()) {
      List<Tensor> rows = inputs.rows(from, to);
      return to - from == 1 ? alone(rows) : network.call(rows).readback()::floats;
    }
  }

  /**
   * As one of two: oneDNN multiplies a single row by another kernel than several, which sums in
   * another order.
   */
  private Supplier<float[]> alone(List<Tensor> inputs) {
    List<Tensor> twice = inputs.stream().map(x -> Concat.of(List.of(x, x), 0)).toList();
    Readback outputs = network.call(twice).readback();
    return () -> {
      float[] both = outputs.floats();
      return Arrays.copyOf(both, both.length / 2);
    };
  }

  private static float[] concatenated(List<float[]> parts) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
