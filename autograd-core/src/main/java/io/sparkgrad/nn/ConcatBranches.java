// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Concat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One branch for each input of a network, such as an image and a table: input i, {@code [n, …]},
 * goes through branch i, whose output is flattened to {@code [n, cᵢ]}; together they are {@code [n,
 * Σ cᵢ]}.
 */
public final class ConcatBranches extends Module {
  /** Children named "0", "1", and so on. */
  public ConcatBranches(Module... branches) {
    for (int i = 0; i < branches.length; i++) {
      registerModule(String.valueOf(i), branches[i]);
    }
  }

  /** Children under these names, in the map's order. */
  public ConcatBranches(Map<String, Module> branches) {
    branches.forEach(this::registerModule);
  }

  static ConcatBranches fromJson(LayerArguments a) {
    return new ConcatBranches(Sequential.children(a));
  }

  @Override
  public Tensor forward(Tensor x) {
    return forward(List.of(x));
  }

  @Override
  public Tensor forward(List<Tensor> inputs) {
    List<Module> branches = List.copyOf(namedChildren().values());
    if (inputs.size() != branches.size()) {
      throw new IllegalArgumentException(
          "ConcatBranches: expected an input for each of the %d branches %s, got %d"
              .formatted(branches.size(), namedChildren().keySet(), inputs.size()));
    }
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      outputs.add(branches.get(i).call(inputs.get(i)).flatten(1));
    }
    return Concat.of(outputs, 1);
  }

  @Override
  protected void describe(ObjectNode json) {
    Architecture.describeChildren(this, json);
  }
}
