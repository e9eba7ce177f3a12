// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.spark.allreduce.Communicator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Makes the gradients of all workers the weighted mean over the global batch. Every worker's loss
 * is a weighted <i>sum</i> over its rows, so the workers' gradients add up to that of the global
 * sum, and dividing by the global weight, which travels in the same buffer, gives the exact mean,
 * however unequal the workers' batches are. Frozen parameters are not in the buffer: they cost no
 * byte. A worker by itself divides its gradients where they are.
 *
 * <p>Parameters lie in reverse order of registration, which is the order in which backward finishes
 * them.
 */
final class GradientSynchronizer {
  /** Behind the gradients and the parameters' flags: weight, loss, failures. */
  private static final int TAIL = 3;

  private final Communicator communicator;
  private final List<Parameter> parameters;
  private final int gradients;
  private final float[] buffer;

  /** For each parameter, to move its gradient between device and buffer. */
  private final List<float[]> scratch = new ArrayList<>();

  /** The parameters that are trained, in order of registration, equal on all ranks. */
  GradientSynchronizer(Communicator communicator, List<Parameter> trainable) {
    this.communicator = communicator;
    this.parameters = new ArrayList<>(trainable);
    Collections.reverse(parameters);
    this.gradients = Math.toIntExact(parameters.stream().mapToLong(Tensor::numel).sum());
    if (communicator.worldSize() == 1) {
      buffer = new float[0];
    } else {
      // The flags say how many ranks have a gradient for a parameter.
      buffer = new float[gradients + parameters.size() + TAIL];
      parameters.forEach(p -> scratch.add(new float[Math.toIntExact(p.numel())]));
    }
  }

  /**
   * Sums over all ranks.
   *
   * @param failures how many ranks could not compute their part
   */
  record Global(double weight, double loss, double failures) {}

  /**
   * Replaces the gradients of this rank's weighted loss sum by the global mean, the same bits on
   * every rank; a parameter that no rank's loss reached keeps none.
   *
   * @param own weight and loss of this rank's rows, 0 if it has none in this step
   */
  Global average(Global own) {
    if (communicator.worldSize() == 1) {
      if (own.weight() > 0) {
        divide(own.weight());
      }
      return own;
    }
    pack(own);
    communicator.allReduceSum(buffer, 0, buffer.length);
    int tail = buffer.length - TAIL;
    Global global = new Global(buffer[tail], buffer[tail + 1], buffer[tail + 2]);
    if (global.weight() > 0) {
      unpack(buffer[tail]);
    }
    return global;
  }

  private void divide(double weight) {
    for (Parameter p : parameters) {
      Tensor grad = p.grad();
      if (grad != null && weight != 1) {
        grad.div_(weight);
      }
    }
  }

  private void pack(Global own) {
    int offset = 0;
    for (int i = 0; i < parameters.size(); i++) {
      float[] values = scratch.get(i);
      Tensor grad = parameters.get(i).grad();
      if (grad == null) {
        Arrays.fill(buffer, offset, offset + values.length, 0);
      } else {
        grad.backend().download(grad.buffer(), values);
        System.arraycopy(values, 0, buffer, offset, values.length);
      }
      buffer[gradients + i] = grad == null ? 0 : 1;
      offset += values.length;
    }
    int tail = buffer.length - TAIL;
    buffer[tail] = (float) own.weight();
    buffer[tail + 1] = (float) own.loss();
    buffer[tail + 2] = (float) own.failures();
  }

  private void unpack(float globalWeight) {
    int offset = 0;
    for (int i = 0; i < parameters.size(); i++) {
      Parameter p = parameters.get(i);
      float[] mean = scratch.get(i);
      if (buffer[gradients + i] > 0) {
        for (int j = 0; j < mean.length; j++) {
          mean[j] = buffer[offset + j] / globalWeight;
        }
        Tensor grad = p.grad() == null ? Tensor.zerosLike(p) : p.grad();
        p.backend().upload(mean, grad.buffer());
        p.setGrad(grad);
      }
      offset += mean.length;
    }
  }
}
