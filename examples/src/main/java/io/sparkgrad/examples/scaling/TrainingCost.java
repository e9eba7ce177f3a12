// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.scaling;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * What a step of a worker costs: computing, and gradients that leave in buckets while backward
 * runs. Forward takes a third of the time and backward two; backward's goes evenly over the layers'
 * parameters, last layer first.
 *
 * @param name of the network
 * @param compute seconds of a step without other workers
 * @param buckets in the order in which they are sent
 */
record TrainingCost(String name, double compute, List<Bucket> buckets) {
  private static final double FORWARD = 1.0 / 3;

  /**
   * The gradients that travel together.
   *
   * @param ready the part of backward after which it is full
   */
  record Bucket(double bytes, double ready) {}

  /**
   * Of a network, with the buckets that training makes of it.
   *
   * @param firstBytes at which the first bucket is full
   * @param bytes at which the others are
   */
  static TrainingCost of(
      String name, double compute, Module network, double firstBytes, double bytes) {
    List<Parameter> parameters =
        network.parameters().stream().filter(Tensor::requiresGrad).toList();
    List<Bucket> buckets = new ArrayList<>();
    double size = 0;
    for (int done = 1; done <= parameters.size(); done++) {
      Parameter p = parameters.get(parameters.size() - done);
      size += p.numel() * (double) Float.BYTES;
      boolean isFull = size >= (buckets.isEmpty() ? firstBytes : bytes);
      if (isFull || done == parameters.size()) {
        buckets.add(new Bucket(size, (double) done / parameters.size()));
        size = 0;
      }
    }
    return new TrainingCost(name, compute, List.copyOf(buckets));
  }

  /** Of all gradients. */
  double bytes() {
    return buckets.stream().mapToDouble(Bucket::bytes).sum();
  }

  /**
   * Seconds of a step of so many workers: the buckets go one after the other, each when it is full;
   * at the end all ranks exchange three numbers, each with each.
   */
  double step(AllReduce algorithm, int workers, Link link) {
    double free = 0;
    for (Bucket bucket : buckets) {
      double full = compute * (FORWARD + (1 - FORWARD) * bucket.ready);
      free = Math.max(free, full) + algorithm.seconds(bucket.bytes, workers, link);
    }
    return Math.max(free, compute) + link.latency() + (workers - 1) * link.overhead();
  }

  /** The part of its time that a worker computes: 1 if others cost nothing. */
  double efficiency(AllReduce algorithm, int workers, Link link) {
    return compute / step(algorithm, workers, link);
  }
}
