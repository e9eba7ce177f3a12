// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Checks a state dict against an optimiser's groups, then copies it; all or nothing. */
record StateLoading(OptimizerStateDict saved) {

  /** Gives the groups their saved settings and returns the state of the parameters. */
  <O extends OptimizerOptions<O>> IdentityHashMap<Tensor, ParameterState> into(
      List<ParamGroup<O>> groups) {
    Map<Integer, Tensor> numbered = numbered(groups);
    IdentityHashMap<Tensor, ParameterState> states = new IdentityHashMap<>();
    saved
        .state()
        .forEach(
            (index, values) -> {
              Tensor parameter = numbered.get(index);
              if (parameter == null) {
                throw new IllegalArgumentException(
                    "loadStateDict: state.%d belongs to no parameter of param_groups"
                        .formatted(index));
              }
              states.put(parameter, state(index, values, parameter));
            });
    List<O> options = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      options.add(groups.get(i).options().restored(saved.paramGroups().get(i)));
    }
    for (int i = 0; i < groups.size(); i++) {
      groups.get(i).restore(options.get(i), saved.paramGroups().get(i));
    }
    return states;
  }

  /** The parameters under the numbers that they have in the state. */
  private Map<Integer, Tensor> numbered(List<? extends ParamGroup<?>> groups) {
    List<ObjectNode> described = saved.paramGroups();
    if (described.size() != groups.size()) {
      throw new IllegalArgumentException(
          "loadStateDict: the state has a different number of parameter groups: expected %d, got %d"
              .formatted(groups.size(), described.size()));
    }
    Map<Integer, Tensor> numbered = new HashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      List<Tensor> params = groups.get(i).params();
      JsonNode numbers = described.get(i).path(OptimizerStateDict.PARAMS);
      if (numbers.size() != params.size()) {
        throw new IllegalArgumentException(
            "loadStateDict: group %d of the state doesn't match the size of the optimizer's group: expected %d parameters, got %d"
                .formatted(i, params.size(), numbers.size()));
      }
      for (int j = 0; j < params.size(); j++) {
        numbered.put(numbers.get(j).asInt(), params.get(j));
      }
    }
    return numbered;
  }

  private static ParameterState state(int index, Map<String, Object> values, Tensor parameter) {
    ParameterState state = new ParameterState();
    values.forEach(
        (key, value) -> {
          String name = "state." + index + "." + key;
          if (key.equals(ParameterState.STEP)) {
            state.setStep(step(name, value));
          } else if (value instanceof Tensor t && t.shape().equals(parameter.shape())) {
            state.put(key, like(parameter, t));
          } else {
            throw new IllegalArgumentException(
                "loadStateDict: %s: expected a tensor of shape %s, got %s"
                    .formatted(
                        name, parameter.shape(), value instanceof Tensor t ? t.shape() : value));
          }
        });
    return state;
  }

  /** A number, or as PyTorch writes it a tensor of one element. */
  private static long step(String name, Object value) {
    if (value instanceof Number n) {
      return n.longValue();
    }
    if (value instanceof Tensor t && t.numel() == 1) {
      return (long) t.item();
    }
    throw new IllegalArgumentException(
        "loadStateDict: %s: expected a number or a tensor of one element, got %s"
            .formatted(name, value));
  }

  /** A copy of the parameter's type on its device, exact where the type holds the values. */
  private static Tensor like(Tensor parameter, Tensor source) {
    Tensor copy = Tensor.zerosLike(parameter);
    copy.backend().upload(source.toDoubleArray(), copy.buffer());
    return copy;
  }
}
