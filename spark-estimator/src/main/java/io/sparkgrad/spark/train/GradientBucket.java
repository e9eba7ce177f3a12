// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.PendingCopy;
import io.sparkgrad.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of some parameters, which travel together: one after the other in an array, and
 * behind them a flag for each parameter, which after the sum says how many ranks had a gradient.
 */
final class GradientBucket {
  private final List<Parameter> parameters;

  /** Where each gradient begins; the flags begin at the last. */
  private final int[] offsets;

  private final float[] values;

  /** Which gradients backward has finished. */
  private final BitSet finished = new BitSet();

  /** Of the gradients to the array; null before it began. */
  private @Nullable PendingCopy copy;

  private GradientBucket(List<Parameter> parameters) {
    this.parameters = parameters;
    this.offsets = new int[parameters.size() + 1];
    for (int i = 0; i < parameters.size(); i++) {
      offsets[i + 1] = Math.toIntExact(offsets[i] + parameters.get(i).numel());
    }
    this.values = new float[Math.addExact(flag(0), parameters.size())];
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
    finished.clear();
    copy = null;
  }

  /** Says that backward has finished the gradient of a parameter, perhaps again. */
  void finish(int i) {
    finished.set(i);
  }

  /** Whether backward has finished all gradients. */
  boolean isFull() {
    return finished.cardinality() == parameters.size();
  }

  /** Takes the gradients as they are now, also those that backward did not finish. */
  void complete() {
    finished.set(0, parameters.size());
    take();
  }

  /**
   * Takes the gradients, once in a step; a parameter without one counts as one of zeros. On their
   * way from a device they hold up neither backward nor this thread.
   *
   * @return has to be awaited before the values are used
   */
  PendingCopy take() {
    if (copy == null) {
      List<Buffer> gradients = new ArrayList<>();
      int[] places = new int[parameters.size()];
      for (int i = 0; i < parameters.size(); i++) {
        Tensor grad = parameters.get(i).grad();
        values[flag(i)] = grad == null ? 0 : 1;
        if (grad == null) {
          Arrays.fill(values, offsets[i], offsets[i + 1], 0);
        } else {
          places[gradients.size()] = offsets[i];
          gradients.add(grad.buffer());
        }
      }
      copy = backend().downloadLater(gradients, places, values);
    }
    return copy;
  }

  /** Where the network is. */
  private Backend backend() {
    return parameters.get(0).backend();
  }

  /**
   * Makes of the sums over all ranks the gradients of this one's parameters; one that no rank has a
   * gradient for is left as it is.
   */
  void giveMean(float weight) {
    for (int i = 0; i < offsets[parameters.size()]; i++) {
      values[i] /= weight;
    }
    List<Buffer> means = new ArrayList<>();
    int[] places = new int[parameters.size()];
    for (int i = 0; i < parameters.size(); i++) {
      if (values[flag(i)] > 0) {
        Parameter p = parameters.get(i);
        Tensor grad = p.grad() == null ? Tensor.zerosLike(p) : p.grad();
        p.setGrad(grad);
        places[means.size()] = offsets[i];
        means.add(grad.buffer());
      }
    }
    backend().upload(values, places, means);
  }
}
