// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Supplier;

/** Small networks with the same weights every time. */
final class TestNetworks {
  private TestNetworks() {}

  /** 2 → 8 → 3. */
  static Module mlp() {
    return Sequential.builder()
        .add("fc1", new Linear(2, 8))
        .add("relu", new ReLU())
        .add("fc2", new Linear(8, 3))
        .build();
  }

  static SharedNetwork shared(Supplier<Module> network, long seed) {
    Generator.current().manualSeed(seed);
    Module module = network.get();
    ByteArrayOutputStream weights = new ByteArrayOutputStream();
    try {
      Safetensors.write(module.stateDict(), Map.of(), weights);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new SharedNetwork(Architecture.toJson(module), weights.toByteArray());
  }
}
