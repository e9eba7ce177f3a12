// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The gradients of some parameters, which travel together: one after the other in an array, and
 * behind them a flag for each parameter, which after the sum says how many ranks had a gradient.
 */
final class GradientBucket {
  private final List<Parameter> parameters;

  /** Where each gradient begins; the flags begin at the last. */
  private final int[] offsets;

  private final float[] values;
  private int missing;

  private GradientBucket(List<Parameter> parameters) {
    this.parameters = parameters;
    this.offsets = new int[parameters.size() + 1];
    for (int i = 0; i < parameters.size(); i++) {
      offsets[i + 1] = Math.toIntExact(offsets[i] + parameters.get(i).numel());
    }
    this.values = new float[Math.addExact(flag(0), parameters.size())];
    begin();
  }

  /**
   * Divides parameters among buckets in reverse order of registration, which is about the order in
   * which backward finishes their gradients. A bucket is full as soon as it holds so many bytes.
   *
   * @param trainable in order of registration
   * @param firstBytes of the first bucket: the sooner it is full, the sooner communication begins
   */
  static List<GradientBucket> divide(List<Parameter> trainable, long firstBytes, long bytes) {
    List<Parameter> reversed = new ArrayList<>(trainable);
    Collections.reverse(reversed);
    List<GradientBucket> buckets = new ArrayList<>();
    List<Parameter> content = new ArrayList<>();
    long size = 0;
    for (Parameter p : reversed) {
      content.add(p);
      size += p.numel() * Float.BYTES;
      if (size >= (buckets.isEmpty() ? firstBytes : bytes)) {
        buckets.add(new GradientBucket(List.copyOf(content)));
        content.clear();
        size = 0;
      }
    }
    if (!content.isEmpty()) {
      buckets.add(new GradientBucket(List.copyOf(content)));
    }
    return buckets;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  /** What is summed over the ranks, in place. */
  float[] values() {
    return values;
  }

  private int flag(int i) {
    return offsets[parameters.size()] + i;
  }

  /** Forgets the gradients of the step before. */
  void begin() {
    Arrays.fill(values, flag(0), values.length, 0);
    missing = parameters.size();
  }

  /** Takes the gradient of a parameter, or takes it again. */
  void take(int i) {
    Tensor grad = parameters.get(i).grad();
    if (grad == null) {
      Arrays.fill(values, offsets[i], offsets[i + 1], 0);
      return;
    }
    grad.backend().download(grad.buffer(), values, offsets[i]);
    if (values[flag(i)] == 0) {
      values[flag(i)] = 1;
      missing--;
    }
  }

  /** Whether all is taken that will be. */
  boolean isFull() {
    return missing == 0;
  }

  /** Takes what was not taken yet; a parameter without a gradient counts as one of zeros. */
  void takeRest() {
    for (int i = 0; i < parameters.size() && missing > 0; i++) {
      if (values[flag(i)] == 0) {
        take(i);
      }
    }
    missing = 0;
  }

  /**
   * Makes of the sums over all ranks the gradients of this one's parameters; one that no rank has a
   * gradient for is left as it is.
   */
  void giveMean(float weight) {
    for (int i = 0; i < offsets[parameters.size()]; i++) {
      values[i] /= weight;
    }
    for (int i = 0; i < parameters.size(); i++) {
      if (values[flag(i)] > 0) {
        Parameter p = parameters.get(i);
        Tensor grad = p.grad() == null ? Tensor.zerosLike(p) : p.grad();
        p.backend().upload(values, offsets[i], grad.buffer());
        p.setGrad(grad);
      }
    }
  }
}
