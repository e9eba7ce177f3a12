// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.Loss;
import io.sparkgrad.nn.loss.MseLoss;
import io.sparkgrad.optim.SGD;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sparkgrad itself, on the CPU's default backend. */
final class Sparkgrad implements Candidate {
  static final String NAME = "sparkgrad";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String start(int threads) {
    CpuThreads.setNumThreads(threads); // for good: the process runs this candidate alone
    return Backends.cpu().toString();
  }

  @Override
  public Trial prepare(Workload workload) {
    return new Steps(workload);
  }

  private static final class Steps implements Trial {
    private final Workload workload;
    private final Module module;
    private final Tensor batch;
    private final Tensor target;
    private final Loss criterion;
    private final SGD optimizer;

    Steps(Workload workload) {
      this.workload = workload;
      module = workload.module();
      batch = workload.batch();
      boolean classes = workload.kind() != Workload.Kind.TRAIN_VALUES;
      target = classes ? Tensor.of(workload.labels()) : workload.values();
      criterion = classes ? new CrossEntropyLoss() : new MseLoss();
      optimizer = new SGD(module.parameters(), SGD.Options.DEFAULT.withLr(Workload.LEARNING_RATE));
    }

    @Override
    public void step() {
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
