// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.CrossEntropyOptions;
import io.sparkgrad.nn.loss.Reduction;
import io.sparkgrad.optim.SGD;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Data-parallel training as MLlib does it: in each step the driver broadcasts the weights, the
 * executors compute gradients of their batches, {@code treeAggregate} brings the sum to the driver,
 * which makes the optimiser's step. Batches lie ready in the executors' memory.
 */
final class TreeAggregation implements AutoCloseable {
  /** MLlib's default. */
  private static final int DEPTH = 2;

  /** An executor builds each network once. */
  private static final ThreadLocal<Map<String, Module>> NETWORKS =
      ThreadLocal.withInitial(HashMap::new);

  private final JavaSparkContext context;
  private final JavaRDD<List<Images.Batch>> batches;
  private final Module network;
  private final SGD optimizer;
  private final int rows;

  /**
   * Loads the batches.
   *
   * @param workers partitions, each with so many {@code batches} of {@code batchSize} images
   */
  TreeAggregation(
      JavaSparkContext context, Module network, int workers, int batches, int batchSize) {
    this.context = context;
    this.network = network;
    this.rows = workers * batchSize;
    List<Parameter> trained = network.parameters().stream().filter(Tensor::requiresGrad).toList();
    this.optimizer = new SGD(trained, SGD.Options.DEFAULT);
    this.batches =
        context
            .parallelize(IntStream.range(0, workers).boxed().toList(), workers)
            .map(worker -> batches(worker * batches * batchSize, batches, batchSize))
            .cache();
    this.batches.count();
  }

  private static List<Images.Batch> batches(int from, int batches, int batchSize) {
    return IntStream.range(0, batches)
        .mapToObj(i -> Images.batch(from + i * batchSize, batchSize))
        .toList();
  }

  /** Makes a step by the batches of this number; returns their mean loss. */
  double step(int number) {
    String architecture = Architecture.toJson(network);
    Broadcast<float[]> weights = context.broadcast(flat(network, Parameter::detach));
    float[] sum =
        batches.treeAggregate(
            new float[0],
            (gradient, own) ->
                added(gradient, gradient(architecture, weights.value(), own.get(number))),
            TreeAggregation::added,
            DEPTH);
    weights.destroy();
    int offset = 0;
    for (Parameter p : network.parameters()) {
      if (p.requiresGrad()) {
        Tensor mean = Tensor.zerosLike(p);
        mean.backend().upload(sum, offset, mean.buffer());
        p.setGrad(mean.div_(rows));
      }
      offset += Math.toIntExact(p.numel());
    }
    optimizer.step();
    return sum[offset] / rows;
  }

  /** The gradients of the loss's sum over a batch, and behind them that sum. */
  private static float[] gradient(String architecture, float[] weights, Images.Batch batch) {
    Module network = NETWORKS.get().computeIfAbsent(architecture, Architecture::fromJson);
    try (var threads = CpuThreads.setNumThreads(1);
        var scope = TensorScope.open()) {
      int offset = 0;
      for (Parameter p : network.parameters()) {
        p.backend().upload(weights, offset, p.buffer());
        offset += Math.toIntExact(p.numel());
      }
      network.zeroGrad();
      Tensor loss =
          new CrossEntropyLoss(CrossEntropyOptions.DEFAULT.withReduction(Reduction.SUM))
              .forward(network.call(batch.pixels()), batch.classes());
      loss.backward();
      float[] result = flat(network, Parameter::grad);
      result[offset] = (float) loss.item();
      return result;
    }
  }

  /** What belongs to the parameters, one after the other, and a number's place behind it. */
  private static float[] flat(Module network, Function<Parameter, Tensor> what) {
    List<Parameter> parameters = network.parameters();
    int length = Math.toIntExact(parameters.stream().mapToLong(Tensor::numel).sum());
    float[] all = new float[length + 1];
    int offset = 0;
    for (Parameter p : parameters) {
      Tensor t = what.apply(p);
      t.backend().download(t.buffer(), all, offset);
      offset += Math.toIntExact(p.numel());
    }
    return all;
  }

  private static float[] added(float[] a, float[] b) {
    if (a.length == 0) {
      return b;
    }
    for (int i = 0; i < b.length; i++) {
      a[i] += b[i];
    }
    return a;
  }

  @Override
  public void close() {
    batches.unpersist();
  }
}
