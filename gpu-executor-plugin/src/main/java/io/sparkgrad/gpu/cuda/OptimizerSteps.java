// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SgdStep;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PyTorch's updates, in the precision of the parameter, all parameters in one launch. Where the
 * tensors are stands in a {@link TensorTables table} on the device; what changes from step to step
 * is an argument.
 */
final class OptimizerSteps {
  private static final String FILE = "optimizer.sm75";

  private final Kernels kernels;
  private final TensorTables tables = new TensorTables();

  OptimizerSteps(Kernels kernels) {
    this.kernels = kernels;
  }

  void sgdStep(
      SgdStep s, List<Buffer> parameters, List<Buffer> gradients, List<Buffer> momentumBuffers) {
    List<List<Buffer>> tensors = List.of(parameters, gradients, momentumBuffers);
    TensorTables.@Nullable Table table = tables.of(tensors);
    if (table != null) {
      call(table, tensors)
          .numbers(s.lr(), s.momentum(), 1 - s.dampening(), s.weightDecay(), sign(s.maximize()))
          .flag(s.nesterov())
          .flag(s.firstStep())
          .run("sgd_step", Dim3.of(table.chunks()));
    }
  }

  void adamStep(
      AdamStep s,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs) {
    List<List<Buffer>> tensors = List.of(parameters, gradients, expAvgs, expAvgSqs, maxExpAvgSqs);
    TensorTables.@Nullable Table table = tables.of(tensors);
    if (table != null) {
      call(table, tensors)
          .numbers(s.beta1(), s.beta2(), 1 - s.beta1(), 1 - s.beta2())
          .numbers(s.lr() / (1 - Math.pow(s.beta1(), s.step())))
          .numbers(1 / Math.sqrt(1 - Math.pow(s.beta2(), s.step())), s.eps())
          .numbers(s.decoupled() ? 0 : s.weightDecay())
          .numbers(s.decoupled() ? 1 - s.lr() * s.weightDecay() : 1, sign(s.maximize()))
          .run("adam_step", Dim3.of(table.chunks()));
    }
  }

  private KernelCall call(TensorTables.Table table, List<List<Buffer>> tensors) {
    KernelCall call = new KernelCall(kernels, FILE, tensors.get(0).get(0).dtype());
    tensors.forEach(call::holding);
    return call.read(table.buffer());
  }

  private static double sign(boolean maximize) {
    return maximize ? -1 : 1;
  }
}
