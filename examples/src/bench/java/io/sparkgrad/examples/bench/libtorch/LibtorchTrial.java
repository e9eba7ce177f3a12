// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.libtorch;

import io.sparkgrad.examples.bench.Candidate;
import io.sparkgrad.examples.bench.PeerNetwork;
import io.sparkgrad.examples.bench.Workload;
import io.sparkgrad.nn.Module;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** A workload's network in libtorch. Owns its tensors, which no scope frees. */
final class LibtorchTrial implements Candidate.Trial {
  private static final int IMAGE_RANK = 4;

  private final Workload workload;
  private final MemoryFormat format;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final UnaryOperator<Tensor> network;
  private final Tensor batch;
  private final Tensor target;
  private final SGD optimizer;

  LibtorchTrial(Workload workload, MemoryFormat format) {
    this.workload = workload;
    this.format = format;
    Module module = workload.module();
    Map<String, Tensor> state = new LinkedHashMap<>();
    module.namedBuffers().forEach((name, b) -> state.put(name, laidOut(b)));
    TensorVector trained = new TensorVector();
    module
        .namedParameters()
        .forEach(
            (name, p) -> {
              boolean wanted = p.requiresGrad() && workload.kind().trains();
              Tensor t = laidOut(p.detach()).set_requires_grad(wanted);
              parameters.put(name, t);
              if (wanted) {
                trained.push_back(t);
              }
            });
    state.putAll(parameters);
    network = PeerNetwork.of(module, new LibtorchLayers(), state);
    batch = laidOut(workload.batch());
    boolean values = workload.kind() == Workload.Kind.TRAIN_VALUES;
    target = values ? laidOut(workload.values()) : AbstractTensor.create(workload.labels());
    optimizer = new SGD(trained, new SGDOptions(Workload.LEARNING_RATE));
  }

  private Tensor laidOut(io.sparkgrad.autograd.Tensor t) {
    Tensor rowMajor = AbstractTensor.create(t.toFloatArray(), t.shape().dims());
    return t.rank() == IMAGE_RANK ? rowMajor.contiguous(format) : rowMajor;
  }

  @Override
  public void step() {
    try (PointerScope scope = new PointerScope()) {
      if (workload.kind().trains()) {
        optimizer.zero_grad();
        Tensor loss = loss(network.apply(batch));
        loss.backward();
        optimizer.step();
        loss.item_float();
      } else {
        numbers(infer());
      }
    }
  }

  private Tensor infer() {
    try (NoGradGuard guard = new NoGradGuard()) {
      return network.apply(batch);
    }
  }

  private Tensor loss(Tensor output) {
    return workload.kind() == Workload.Kind.TRAIN_VALUES
        ? torch.mse_loss(output, target)
        : torch.cross_entropy_loss(output, target);
  }

  private static float[] numbers(Tensor t) {
    float[] numbers = new float[Math.toIntExact(t.numel())];
    t.contiguous(MemoryFormat.Contiguous).data_ptr_float().get(numbers);
    return numbers;
  }

  @Override
  public Map<String, io.sparkgrad.autograd.Tensor> results() {
    Map<String, io.sparkgrad.autograd.Tensor> results = new LinkedHashMap<>();
    if (!workload.kind().trains()) {
      results.put("output", ours(infer()));
      return results;
    }
    Tensor output = network.apply(batch);
    loss(output).backward();
    results.put("output", ours(output.detach()));
    parameters.forEach(
        (name, p) -> {
          Tensor grad = Objects.requireNonNull(p.grad());
          if (grad.defined()) {
            results.put("grad." + name, ours(grad));
          }
        });
    return results;
  }

  private static io.sparkgrad.autograd.Tensor ours(Tensor t) {
    long[] shape = new long[Math.toIntExact(t.dim())];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = t.size(i);
    }
    return io.sparkgrad.autograd.Tensor.of(numbers(t), shape);
  }
}
