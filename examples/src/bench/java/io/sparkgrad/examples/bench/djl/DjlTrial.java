// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.examples.bench.Candidate;
import io.sparkgrad.examples.bench.PeerNetwork;
import io.sparkgrad.examples.bench.Workload;
import io.sparkgrad.nn.Module;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A workload's network in DJL. Its arrays live as long as the process. */
final class DjlTrial implements Candidate.Trial {
  private final Engine engine;
  private final Workload workload;
  private final NDManager manager;
  private final Map<String, NDArray> trained = new LinkedHashMap<>();
  private final UnaryOperator<NDArray> network;
  private final NDArray batch;
  private final NDArray target;
  private final Loss crossEntropy = Loss.softmaxCrossEntropyLoss();
  private final Optimizer optimizer =
      Optimizer.sgd().setLearningRateTracker(Tracker.fixed((float) Workload.LEARNING_RATE)).build();

  DjlTrial(Engine engine, Workload workload) {
    this.engine = engine;
    this.workload = workload;
    manager = engine.newBaseManager();
    Module module = workload.module();
    Map<String, NDArray> state = new LinkedHashMap<>();
    module.namedBuffers().forEach((name, b) -> state.put(name, array(b)));
    module
        .namedParameters()
        .forEach(
            (name, p) -> {
              NDArray a = array(p.detach());
              state.put(name, a);
              if (p.requiresGrad() && workload.kind().trains()) {
                a.setRequiresGradient(true);
                trained.put(name, a);
              }
            });
    network = PeerNetwork.of(module, new DjlLayers(), state);
    batch = array(workload.batch());
    boolean values = workload.kind() == Workload.Kind.TRAIN_VALUES;
    target = values ? array(workload.values()) : manager.create(workload.labels());
  }

  private NDArray array(Tensor t) {
    return manager.create(t.toFloatArray(), new Shape(t.shape().dims()));
  }

  @Override
  public void step() {
    if (!workload.kind().trains()) {
      infer();
      return;
    }
    try (NDManager step = manager.newSubManager()) {
      NDArray loss = backward(step)[1];
      trained.forEach(
          (name, p) -> {
            try (NDArray grad = p.getGradient()) {
              optimizer.update(name, p, grad);
              grad.subi(grad); // DJL adds the next one to it
            }
          });
      loss.getFloat();
    }
  }

  private float[] infer() {
    try (NDManager step = manager.newSubManager()) {
      return network.apply(in(step)).toFloatArray();
    }
  }

  /** The batch as the step's own, since results live where their first operand does. */
  private NDArray in(NDManager step) {
    NDArray x = batch.stopGradient(); // shares its numbers
    x.attach(step);
    return x;
  }

  /** Output and loss. */
  private NDArray[] backward(NDManager step) {
    try (GradientCollector collector = engine.newGradientCollector()) {
      NDArray output = network.apply(in(step));
      NDArray loss = loss(output);
      collector.backward(loss);
      return new NDArray[] {output, loss};
    }
  }

  private NDArray loss(NDArray output) {
    return workload.kind() == Workload.Kind.TRAIN_VALUES
        ? output.sub(target).square().mean()
        : crossEntropy.evaluate(new NDList(target), new NDList(output));
  }

  @Override
  public Map<String, Tensor> results() {
    Map<String, Tensor> results = new LinkedHashMap<>();
    try (NDManager step = manager.newSubManager()) {
      NDArray output = workload.kind().trains() ? backward(step)[0] : network.apply(in(step));
      results.put("output", ours(output));
      trained.forEach((name, p) -> results.put("grad." + name, ours(p.getGradient())));
    }
    return results;
  }

  private static Tensor ours(NDArray a) {
    return Tensor.of(a.toFloatArray(), a.getShape().getShape());
  }
}
