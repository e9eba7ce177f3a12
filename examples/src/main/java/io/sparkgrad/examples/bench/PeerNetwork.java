// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Builds a network for a peer from what {@link Architecture} says of ours, so that the networks are
 * written down once. Reads the JSON when built, not when it runs. Knows the layers of the
 * workloads, in the settings in which these use them.
 *
 * @param <T> the peer's tensor
 */
public final class PeerNetwork<T> {
  private final LayerOperations<T> operations;
  private final Map<String, T> state;
  private final boolean training;

  private PeerNetwork(LayerOperations<T> operations, Map<String, T> state, boolean training) {
    this.operations = operations;
    this.state = state;
    this.training = training;
  }

  /**
   * The network's forward pass over these tensors.
   *
   * @param state the peer's tensors under the names of the module's parameters and buffers
   * @throws UnsupportedOperationException if the peer lacks a layer
   */
  public static <T> UnaryOperator<T> of(
      Module module, LayerOperations<T> operations, Map<String, T> state) {
    try {
      JsonNode json = new ObjectMapper().readTree(Architecture.toJson(module));
      return new PeerNetwork<>(operations, state, module.isTraining()).layer(json, "");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("architecture: not the JSON that was just written", e);
    }
  }

  private UnaryOperator<T> layer(JsonNode json, String at) {
    String type = json.path("type").asText();
    return switch (type.substring(type.lastIndexOf('.') + 1)) {
      case "Sequential" -> sequential(json, at);
      case "Residual" -> {
        UnaryOperator<T> branch = sequential(json, at);
        yield x -> operations.add(x, branch.apply(x));
      }
      case "BasicBlock" -> basicBlock(json, at);
      case "TransformerEncoderLayer" -> encoder(json, at);
      case "Conv2d" -> operations.conv2d(get(at + "weight"), state.get(at + "bias"), window(json));
      case "BlurPool2d" -> {
        int groups = json.path("channels").asInt();
        int stride = json.path("stride").asInt();
        var window = new LayerOperations.Window(3, stride, 1, groups);
        yield operations.conv2d(get(at + "filt"), null, window);
      }
      case "Linear" -> linear(at);
      case "BatchNorm2d" -> batchNorm(at);
      case "MaxPool2d" -> operations.maxPool2d(window(json));
      case "AdaptiveAvgPool2d" -> operations::globalAvgPool2d;
      case "Flatten" -> operations::flatten;
      case "ReLU" -> operations::relu;
      default -> throw new UnsupportedOperationException("peers have no layer " + type);
    };
  }

  private UnaryOperator<T> sequential(JsonNode json, String at) {
    List<UnaryOperator<T>> layers = new ArrayList<>();
    for (JsonNode child : json.path("layers")) {
      layers.add(layer(child, at + child.path("name").asText() + "."));
    }
    return x -> {
      T y = x;
      for (UnaryOperator<T> layer : layers) {
        y = layer.apply(y);
      }
      return y;
    };
  }

  private UnaryOperator<T> basicBlock(JsonNode json, String at) {
    int stride = json.path("stride").asInt();
    UnaryOperator<T> conv1 = conv(at + "conv1.", 3, stride);
    UnaryOperator<T> bn1 = batchNorm(at + "bn1.");
    UnaryOperator<T> conv2 = conv(at + "conv2.", 3, 1);
    UnaryOperator<T> bn2 = batchNorm(at + "bn2.");
    UnaryOperator<T> shortcut = UnaryOperator.identity();
    if (state.containsKey(at + "downsample.0.weight")) {
      UnaryOperator<T> projection = conv(at + "downsample.0.", 1, stride);
      UnaryOperator<T> norm = batchNorm(at + "downsample.1.");
      shortcut = x -> norm.apply(projection.apply(x));
    }
    UnaryOperator<T> beside = shortcut;
    return x -> {
      T y = operations.relu(bn1.apply(conv1.apply(x)));
      T z = bn2.apply(conv2.apply(y));
      return operations.relu(operations.add(z, beside.apply(x)));
    };
  }

  /** A relu between the linear layers, no dropout, norms behind the sums. */
  private UnaryOperator<T> encoder(JsonNode json, String at) {
    UnaryOperator<T> attention =
        operations.attention(
            new LayerOperations.Attention<>(
                get(at + "self_attn.in_proj_weight"),
                get(at + "self_attn.in_proj_bias"),
                get(at + "self_attn.out_proj.weight"),
                get(at + "self_attn.out_proj.bias"),
                json.path("nhead").asInt()));
    double eps = json.path("layer_norm_eps").asDouble();
    UnaryOperator<T> norm1 =
        operations.layerNorm(get(at + "norm1.weight"), get(at + "norm1.bias"), eps);
    UnaryOperator<T> norm2 =
        operations.layerNorm(get(at + "norm2.weight"), get(at + "norm2.bias"), eps);
    UnaryOperator<T> linear1 = linear(at + "linear1.");
    UnaryOperator<T> linear2 = linear(at + "linear2.");
    return x -> {
      T y = norm1.apply(operations.add(x, attention.apply(x)));
      T wide = operations.relu(linear1.apply(y));
      return norm2.apply(operations.add(y, linear2.apply(wide)));
    };
  }

  private UnaryOperator<T> conv(String at, int kernel, int stride) {
    var window = new LayerOperations.Window(kernel, stride, kernel / 2, 1);
    return operations.conv2d(get(at + "weight"), state.get(at + "bias"), window);
  }

  private UnaryOperator<T> linear(String at) {
    return operations.linear(get(at + "weight"), state.get(at + "bias"));
  }

  private UnaryOperator<T> batchNorm(String at) {
    var norm =
        new LayerOperations.Norm<>(
            get(at + "weight"),
            get(at + "bias"),
            get(at + "running_mean"),
            get(at + "running_var"),
            1e-5,
            0.1);
    return operations.batchNorm(norm, training);
  }

  private static LayerOperations.Window window(JsonNode json) {
    return new LayerOperations.Window(
        first(json.path("kernel_size")),
        first(json.path("stride")),
        first(json.path("padding")),
        json.path("groups").asInt(1));
  }

  /** A pair is written as one number where both are the same. */
  private static int first(@Nullable JsonNode pair) {
    JsonNode node = Objects.requireNonNull(pair);
    return node.isArray() ? node.get(0).asInt() : node.asInt();
  }

  private T get(String name) {
    return Objects.requireNonNull(state.get(name), () -> "no tensor " + name);
  }
}
