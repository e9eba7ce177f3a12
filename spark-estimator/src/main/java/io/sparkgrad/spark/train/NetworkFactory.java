// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.spark.data.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds networks and optimisers from a plan's data, on the driver and on the workers alike. */
public final class NetworkFactory {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkFactory.class);

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

  /** The network with exactly these weights. */
  public static Module restored(String architecture, byte[] weights) {
    Module network = initialised(architecture, 0);
    network.loadStateDict(Safetensors.read(weights, "the weights of the network"), true);
    return network;
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
   * Loads a pretrained file into a network that may have parameters of its own, such as a new head.
   * Tensors of the file that the network lacks are an error: they would be dropped without notice.
   */
  public static void loadPretrained(Module network, byte[] file, String path) {
    Module.LoadResult result = network.loadStateDict(Safetensors.read(file, path), false);
    if (!result.unexpectedKeys().isEmpty()) {
      throw new InputException(
          "initialWeights: %s holds tensors that the network does not have: %s."
              .formatted(path, String.join(", ", result.unexpectedKeys())));
    }
    if (!result.missingKeys().isEmpty()) {
      LOG.info(
          "initialWeights: {} lacks {}; they start as initialised",
          path,
          String.join(", ", result.missingKeys()));
    }
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

  /**
   * How many numbers the network puts out per row, found by a forward pass over one row of zeros.
   *
   * @throws InputException if it cannot take rows of this shape, or does not put out a vector per
   *     row
   */
  public static int outputs(Module network, List<Long> inputShape) {
    long[] batch =
        LongStream.concat(LongStream.of(1), inputShape.stream().mapToLong(Long::longValue))
            .toArray();
    Shape shape;
    network.eval();
    try (var mode = GradMode.noGrad()) {
      shape = network.call(Tensor.zeros(batch)).shape();
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "inputShape: the network does not take rows of shape %s: %s"
              .formatted(inputShape, e.getMessage()),
          e);
    }
    if (shape.rank() != 2 || shape.size(0) != 1) {
      throw new InputException(
          "network: expected an output of shape [rows, classes], got %s for one row of shape %s."
              .formatted(shape, inputShape));
    }
    return Math.toIntExact(shape.size(1));
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
