// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.Loss;
import io.sparkgrad.nn.loss.MseLoss;
import io.sparkgrad.optim.SGD;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Sparkgrad itself, on the CPU's default backend or on the first GPU. */
final class Sparkgrad implements Candidate {
  static final String NAME = "sparkgrad";
  static final String GPU_NAME = "sparkgrad-gpu";

  private final String name;
  private final Supplier<Backends.Selection> device;

  private Sparkgrad(String name, Supplier<Backends.Selection> device) {
    this.name = name;
    this.device = device;
  }

  static Sparkgrad onCpu() {
    return new Sparkgrad(NAME, Backends::cpu);
  }

  static Sparkgrad onGpu() {
    return new Sparkgrad(GPU_NAME, () -> Backends.gpu(0).orElseThrow(Sparkgrad::noGpu));
  }

  private static UnsupportedOperationException noGpu() {
    return new UnsupportedOperationException(Backends.gpuUnavailableReason());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String start(int threads) {
    CpuThreads.setNumThreads(threads); // for good: the process runs this candidate alone
    return device.get().toString();
  }

  @Override
  public Trial prepare(Workload workload) {
    return new Steps(workload, device.get().backend());
  }

  private static final class Steps implements Trial {
    private final Workload workload;
    private final Module module;
    private final Tensor batch;
    private final Tensor target;
    private final Loss criterion;
    private final SGD optimizer;

    Steps(Workload workload, Backend backend) {
      this.workload = workload;
      module = workload.module().to(backend);
      batch = workload.batch().to(backend);
      boolean classes = workload.kind() != Workload.Kind.TRAIN_VALUES;
      target = (classes ? Tensor.of(workload.labels()) : workload.values()).to(backend);
      criterion = classes ? new CrossEntropyLoss() : new MseLoss();
      optimizer = new SGD(module.parameters(), SGD.Options.DEFAULT.withLr(Workload.LEARNING_RATE));
    }

    @Override
    public void step() {
      if (workload.kind() == Workload.Kind.REPEAT) {
        repeat();
        return;
      }
      try (var scope = TensorScope.open()) {
        if (workload.kind().trains()) {
          optimizer.zeroGrad();
          Tensor loss = criterion.forward(module.call(batch), target);
          loss.backward();
          optimizer.step();
          loss.item();
        } else {
          infer().toFloatArray();
        }
      }
    }

    /**
     * Work on a device is done in order: who has a number of the last output has waited for all.
     */
    private void repeat() {
      for (int i = 1; i <= Workload.Kind.REPEATS; i++) {
        try (var scope = TensorScope.open()) {
          Tensor output = infer();
          if (i == Workload.Kind.REPEATS) {
            output.flatten(0).narrow(0, 0, 1).item();
          }
        }
      }
    }

    private Tensor infer() {
      try (var mode = GradMode.noGrad()) {
        return module.call(batch);
      }
    }

    @Override
    public Map<String, Tensor> results() {
      Map<String, Tensor> results = new LinkedHashMap<>();
      if (!workload.kind().trains()) {
        results.put("output", infer());
        return results;
      }
      Tensor output = module.call(batch);
      criterion.forward(output, target).backward();
      results.put("output", output.detach());
      module
          .namedParameters()
          .forEach(
              (name, p) -> {
                Tensor grad = p.grad();
                if (grad != null) {
                  results.put("grad." + name, grad);
                }
              });
      return results;
    }
  }
}
