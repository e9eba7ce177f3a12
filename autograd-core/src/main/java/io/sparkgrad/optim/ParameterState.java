// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an optimiser remembers of one parameter: tensors of its shape, type and device under
 * PyTorch's names, and for optimisers that count them its steps.
 */
final class ParameterState {
  static final String STEP = "step";

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private long step;

  long nextStep() {
    return ++step;
  }

  boolean has(String key) {
    return tensors.containsKey(key);
  }

  /** The tensor of this name; made for {@code parameter} if it is missing. */
  Tensor tensor(String key, Tensor parameter, double initial) {
    return tensors.computeIfAbsent(
        key, k -> TensorScope.living(Tensor.zerosLike(parameter).fill_(initial), parameter));
  }

  Tensor tensor(String key, Tensor parameter) {
    return tensor(key, parameter, 0);
  }

  void put(String key, Tensor value) {
    tensors.put(key, value);
  }

  void setStep(long value) {
    step = value;
  }

  /** Tensors as aliases, the step as a number. */
  Map<String, Object> entries() {
    Map<String, Object> entries = new LinkedHashMap<>();
    if (step > 0) {
      entries.put(STEP, step);
    }
    tensors.forEach((key, tensor) -> entries.put(key, tensor.detach()));
    return entries;
  }
}
