// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Builds networks and optimisers from a plan's data, on the driver and on the workers alike. */
public final class NetworkFactory {
  private NetworkFactory() {}

  /**
   * The network with weights drawn from {@code seed}. The calling thread's own stream of random
   * numbers goes on as if nothing had happened: on the driver the thread belongs to the user.
   */
  public static Module initialised(String architecture, long seed) {
    Generator generator = Generator.current();
    long state = generator.state();
    generator.manualSeed(seed);
    try {
      return Architecture.fromJson(architecture);
    } finally {
      generator.setState(state);
    }
  }

  /**
   * The network with exactly these weights.
   *
   * @throws BackendException if the thread's device has no memory for them, with sizes
   */
  public static Module restored(String architecture, byte[] weights) {
    try {
      Module network = initialised(architecture, 0);
      network.loadStateDict(Safetensors.read(weights, "the weights of the network"), true);
      return network;
    } catch (OutOfDeviceMemoryException e) {
      throw new BackendException(
          "network: its weights do not fit the device (%s); use a smaller network, or give the device to fewer tasks."
              .formatted(e.sizes()),
          e);
    }
  }

  /** The weights as a safetensors file. */
  public static byte[] weights(Module network, Map<String, String> metadata) {
    return encode(network.stateDict(), metadata);
  }

  static byte[] encode(Map<String, Tensor> tensors, Map<String, String> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Safetensors.write(tensors, metadata, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  /**
   * Freezes what the patterns name.
   *
   * @return the names of the frozen parameters
   * @throws InputException if nothing is left to train
   */
  public static List<String> freeze(Module network, List<String> patterns) {
    List<String> frozen = network.freeze(patterns);
    if (network.parameters().stream().noneMatch(Tensor::requiresGrad)) {
      throw new InputException(
          "frozenLayers: %s freezes all %d parameters; leave at least one to train."
              .formatted(patterns, frozen.size()));
    }
    return frozen;
  }

  /** For logs: how much of the network is trained. */
  public static String describe(Module network, List<String> frozen) {
    Map<Boolean, Long> values =
        network.parameters().stream()
            .collect(
                Collectors.partitioningBy(
                    Tensor::requiresGrad, Collectors.summingLong(Tensor::numel)));
    return "trains %,d values in %d parameters; frozen: %,d values in %d parameters"
        .formatted(
            values.getOrDefault(true, 0L),
            network.parameters().size() - frozen.size(),
            values.getOrDefault(false, 0L),
            frozen.size());
  }
}
