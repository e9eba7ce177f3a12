// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.transform;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** The batches through the network without Spark: what transform cannot be faster than. */
final class CoreLoop {
  private final Module network;
  private final List<float[]> batches;

  CoreLoop(Module network, List<float[]> batches) {
    this.network = network;
    this.batches = batches;
  }

  /** All batches so many times over; who is free takes the next one. */
  void run(int times, int threads) {
    AtomicInteger next = new AtomicInteger();
    Callable<Void> work =
        () -> {
          int total = times * batches.size();
          for (int i = next.getAndIncrement(); i < total; i = next.getAndIncrement()) {
            classes(batches.get(i % batches.size()));
          }
          return null;
        };
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (Future<Void> f : pool.invokeAll(java.util.Collections.nCopies(threads, work))) {
        f.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("the core loop failed", e);
    } finally {
      pool.shutdownNow();
    }
  }

  /** Of all images, in their order. */
  List<Double> classes() {
    List<Double> all = new ArrayList<>();
    batches.forEach(batch -> all.addAll(classes(batch)));
    return all;
  }

  private List<Double> classes(float[] batch) {
    int rows = batch.length / ImagePool.PIXELS;
    float[] logits;
    try (var mode = GradMode.noGrad();
        var scope = TensorScope.open()) {
      Tensor x = Tensor.of(batch, rows, ImagePool.CHANNELS, ImagePool.SIDE, ImagePool.SIDE);
      logits = network.call(x).toFloatArray();
    }
    int perRow = logits.length / rows;
    List<Double> classes = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      classes.add((double) argmax(logits, row * perRow, (row + 1) * perRow));
    }
    return classes;
  }

  private static int argmax(float[] values, int from, int to) {
    int best = from;
    for (int i = from + 1; i < to; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best - from;
  }
}
