// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.examples.bench.PeerNetwork;
import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A network that is broadcast, and built in DJL once per executor; it lives as long as that. */
final class DjlNetwork implements Serializable {
  private static final long serialVersionUID = 1L;
  static final String ENGINE = "PyTorch";

  private final String architecture;
  private final byte[] weights;
  private transient @Nullable UnaryOperator<NDArray> network;

  DjlNetwork(Module network) {
    architecture = Architecture.toJson(network);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Safetensors.write(network.stateDict(), Map.of(), out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    weights = out.toByteArray();
  }

  synchronized UnaryOperator<NDArray> built() {
    UnaryOperator<NDArray> built = network;
    if (built == null) {
      System.setProperty("offline", "true"); // the native library is on the class path
      NDManager manager = Engine.getEngine(ENGINE).newBaseManager();
      Map<String, NDArray> state = new LinkedHashMap<>();
      Map<String, Tensor> tensors = Safetensors.read(weights, "the network");
      tensors.forEach(
          (name, t) ->
              state.put(name, manager.create(t.toFloatArray(), new Shape(t.shape().dims()))));
      Module module = Architecture.fromJson(architecture).eval();
      built = PeerNetwork.of(module, new DjlLayers(), state);
      network = built;
    }
    return built;
  }
}
