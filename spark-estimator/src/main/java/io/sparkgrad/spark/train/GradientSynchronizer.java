// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.spark.allreduce.Communicator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Makes the gradients of all workers the weighted mean over the global batch. Every worker's loss
 * is a weighted <i>sum</i> over its rows, so the workers' gradients add up to that of the global
 * sum, and dividing by the global weight, which travels in the same buffer, gives the exact mean,
 * however unequal the workers' batches are. Frozen parameters are not in the buffer: they cost no
 * byte.
 *
 * <p>Parameters lie in reverse order of registration, which is the order in which backward finishes
 * them.
 */
final class GradientSynchronizer {
  private final Communicator communicator;
  private final List<Parameter> parameters;
  private final float[] buffer;
  private final int gradients;

  /** The parameters that are trained, in order of registration, equal on all ranks. */
  GradientSynchronizer(Communicator communicator, List<Parameter> trainable) {
    this.communicator = communicator;
    this.parameters = new ArrayList<>(trainable);
    Collections.reverse(parameters);
    this.gradients = Math.toIntExact(parameters.stream().mapToLong(Tensor::numel).sum());
    // Behind the gradients: for each parameter how many ranks have one, then the weight and the
    // loss.
    this.buffer = new float[gradients + parameters.size() + 2];
  }

  /**
   * Replaces the gradients of this rank's weighted loss sum by the global mean, the same bits on
   * every rank; a parameter that no rank's loss reached keeps none.
   *
   * @param weight sum of this rank's row weights, 0 if it has no rows in this step
   * @param loss this rank's weighted loss sum
   */
  Global average(double weight, double loss) {
    pack(weight, loss);
    communicator.allReduceSum(buffer, 0, buffer.length);
    float globalWeight = buffer[buffer.length - 2];
    if (globalWeight > 0) {
      unpack(globalWeight);
    }
    return new Global(globalWeight, buffer[buffer.length - 1]);
  }

  /** Sums over all ranks. */
  record Global(double weight, double loss) {}

  private void pack(double weight, double loss) {
    int offset = 0;
    for (int i = 0; i < parameters.size(); i++) {
      Parameter p = parameters.get(i);
      int n = Math.toIntExact(p.numel());
      Tensor grad = p.grad();
      if (grad == null) {
        java.util.Arrays.fill(buffer, offset, offset + n, 0);
      } else {
        System.arraycopy(grad.toFloatArray(), 0, buffer, offset, n);
      }
      buffer[gradients + i] = grad == null ? 0 : 1;
      offset += n;
    }
    buffer[buffer.length - 2] = (float) weight;
    buffer[buffer.length - 1] = (float) loss;
  }

  private void unpack(float globalWeight) {
    int offset = 0;
    for (int i = 0; i < parameters.size(); i++) {
      Parameter p = parameters.get(i);
      int n = Math.toIntExact(p.numel());
      if (buffer[gradients + i] > 0) {
        float[] mean = new float[n];
        for (int j = 0; j < n; j++) {
          mean[j] = buffer[offset + j] / globalWeight;
        }
        Tensor grad = p.grad() == null ? Tensor.zerosLike(p) : p.grad();
        p.backend().upload(mean, grad.buffer());
        p.setGrad(grad);
      }
      offset += n;
    }
  }
}
