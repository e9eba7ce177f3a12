// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The updates of a step, to be done in one call of a kernel for all parameters of one type and
 * device that have the same settings.
 *
 * @param <S> the kernel's settings
 */
final class FusedSteps<S> {
  private final Kernel<S> kernel;
  private final int stateTensors;
  private final List<Call<S>> calls = new ArrayList<>(1);
  private final List<Tensor> parameters = new ArrayList<>();

  /** A kernel of the backend; the buffers of a parameter stand at one index of all lists. */
  interface Kernel<S> {
    /**
     * Updates parameters and states.
     *
     * @param states one list for each tensor that is remembered, empty if it is not
     */
    void run(
        Backend backend,
        S settings,
        List<Buffer> parameters,
        List<Buffer> gradients,
        List<List<Buffer>> states);
  }

  private record Call<S>(
      S settings,
      Backend backend,
      DType dtype,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<List<Buffer>> states) {}

  /**
   * Prepares a step.
   *
   * @param stateTensors how many tensors are remembered of a parameter at most
   */
  FusedSteps(Kernel<S> kernel, int stateTensors) {
    this.kernel = kernel;
    this.stateTensors = stateTensors;
  }

  /**
   * Adds a parameter.
   *
   * @param state what is remembered of it, null for what the settings do not need
   */
  void add(S settings, Optimizer.Due due, @Nullable Tensor... state) {
    Call<S> call = call(settings, due.parameter());
    call.parameters.add(due.parameter().buffer());
    call.gradients.add(due.grad().buffer());
    for (int i = 0; i < state.length; i++) {
      Tensor tensor = state[i];
      if (tensor != null) {
        call.states.get(i).add(tensor.buffer());
      }
    }
    parameters.add(due.parameter());
  }

  private Call<S> call(S settings, Tensor parameter) {
    for (Call<S> c : calls) { // most often there is one
      if (c.backend == parameter.backend()
          && c.dtype == parameter.dtype()
          && c.settings.equals(settings)) {
        return c;
      }
    }
    List<List<Buffer>> states = new ArrayList<>(stateTensors);
    for (int i = 0; i < stateTensors; i++) {
      states.add(new ArrayList<>());
    }
    Call<S> call =
        new Call<>(
            settings,
            parameter.backend(),
            parameter.dtype(),
            new ArrayList<>(),
            new ArrayList<>(),
            states);
    calls.add(call);
    return call;
  }

  void run() {
    for (Call<S> c : calls) {
      kernel.run(c.backend, c.settings, c.parameters, c.gradients, c.states);
    }
    parameters.forEach(Tensor::written);
  }
}
