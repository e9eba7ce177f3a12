// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A network as JSON: {@code {"type": "Linear", "in_features": 2, "out_features": 8}}; a container
 * lists its {@code layers}, each with a {@code name}. Arguments have PyTorch's names. A class of
 * one's own takes part under its fully qualified name, through a {@code public static Module
 * fromJson(LayerArguments)}.
 */
public final class Architecture {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Architecture() {}

  public static String toJson(Module module) {
    return describe(module).toPrettyString();
  }

  static ObjectNode describe(Module module) {
    ObjectNode json = JSON.createObjectNode();
    Class<?> type = module.getClass();
    boolean ours =
        type.getPackage().equals(Architecture.class.getPackage())
            && BUILT_IN.containsKey(type.getSimpleName());
    json.put("type", ours ? type.getSimpleName() : type.getName());
    module.describe(json);
    return json;
  }

  /**
   * Builds the network; its parameters are initialised from this thread's generator.
   *
   * @throws IllegalArgumentException in one sentence with the path to what is wrong
   */
  public static Module fromJson(String json) {
    try {
      return build(JSON.readTree(json), "network");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "architecture: not JSON: "
              + e.getOriginalMessage()
              + " at line "
              + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
          e);
    }
  }

  static Module build(JsonNode json, String path) {
    String type = json.path("type").asText("");
    Function<LayerArguments, Module> factory = BUILT_IN.get(type);
    if (factory != null) {
      return builtIn(factory, new LayerArguments(json, path));
    }
    if (!type.contains(".")) {
      throw new IllegalArgumentException(
          "architecture: %s.type: expected one of %s, or the name of a class, got \"%s\""
              .formatted(path, String.join(", ", BUILT_IN.keySet()), type));
    }
    return custom(type, new LayerArguments(json, path));
  }

  private static Module builtIn(
      Function<LayerArguments, Module> factory, LayerArguments arguments) {
    Module module;
    try {
      module = factory.apply(arguments);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw message.startsWith("architecture: ") ? e : failed(arguments.path(), message, e);
    }
    ObjectNode known = JSON.createObjectNode();
    module.describe(known);
    arguments
        .json()
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.has(name) && !name.equals("type") && !name.equals("name")) {
                List<String> names = new ArrayList<>();
                known.fieldNames().forEachRemaining(names::add);
                throw new IllegalArgumentException(
                    "architecture: %s.%s: %s has no such argument; it takes %s"
                        .formatted(
                            arguments.path(), name, module.getClass().getSimpleName(), names));
              }
            });
    return module;
  }

  private static Module custom(String type, LayerArguments arguments) {
    try {
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      Class<?> c =
          Class.forName(
              type, false, context == null ? Architecture.class.getClassLoader() : context);
      Method factory = c.getMethod("fromJson", LayerArguments.class);
      if (Modifier.isStatic(factory.getModifiers())
          && factory.invoke(null, arguments) instanceof Module module) {
        return module;
      }
      throw notAModule(type, arguments, null);
    } catch (InvocationTargetException e) {
      throw failed(
          arguments.path(),
          "%s.fromJson failed: %s".formatted(type, e.getTargetException().getMessage()),
          e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw notAModule(type, arguments, e);
    }
  }

  private static IllegalArgumentException notAModule(
      String type, LayerArguments arguments, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "architecture: %s.type: %s is not a class on the class path with a public static Module fromJson(LayerArguments)"
            .formatted(arguments.path(), type),
        cause);
  }

  private static IllegalArgumentException failed(String path, String problem, Throwable cause) {
    return new IllegalArgumentException("architecture: " + path + ": " + problem, cause);
  }

  /** Writes the children of a container. */
  static void describeChildren(Module container, ObjectNode json) {
    ArrayNode layers = json.putArray("layers");
    container
        .namedChildren()
        .forEach(
            (name, child) -> {
              ObjectNode layer = JSON.createObjectNode().put("name", name);
              layer.setAll(describe(child));
              layers.add(layer);
            });
  }

  /** Every layer brings its own factory; this only names them. */
  private static final Map<String, Function<LayerArguments, Module>> BUILT_IN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("GRU", GRU::fromJson),
              Map.entry("LSTM", LSTM::fromJson),
              Map.entry("MultiheadAttention", MultiheadAttention::fromJson),
              Map.entry("TransformerEncoderLayer", TransformerEncoderLayer::fromJson),
              Map.entry("ELU", ELU::fromJson),
              Map.entry("GELU", GELU::fromJson),
              Map.entry("Hardsigmoid", a -> new Hardsigmoid()),
              Map.entry("Hardswish", a -> new Hardswish()),
              Map.entry("Hardtanh", Hardtanh::fromJson),
              Map.entry("LeakyReLU", LeakyReLU::fromJson),
              Map.entry("LogSigmoid", a -> new LogSigmoid()),
              Map.entry("LogSoftmax", LogSoftmax::fromJson),
              Map.entry("ReLU6", a -> new ReLU6()),
              Map.entry("SiLU", a -> new SiLU()),
              Map.entry("Softmax", Softmax::fromJson),
              Map.entry("Softplus", Softplus::fromJson),
              Map.entry("AdaptiveAvgPool2d", AdaptiveAvgPool2d::fromJson),
              Map.entry("AvgPool2d", AvgPool2d::fromJson),
              Map.entry("BatchNorm1d", BatchNorm1d::fromJson),
              Map.entry("BatchNorm2d", BatchNorm2d::fromJson),
              Map.entry("BlurPool2d", BlurPool2d::fromJson),
              Map.entry("ConcatBranches", ConcatBranches::fromJson),
              Map.entry("Conv1d", Conv1d::fromJson),
              Map.entry("Conv2d", Conv2d::fromJson),
              Map.entry("ConvTranspose2d", ConvTranspose2d::fromJson),
              Map.entry("Dropout", Dropout::fromJson),
              Map.entry("Embedding", Embedding::fromJson),
              Map.entry("Flatten", Flatten::fromJson),
              Map.entry("GroupNorm", GroupNorm::fromJson),
              Map.entry("Identity", a -> new Identity()),
              Map.entry("LayerNorm", LayerNorm::fromJson),
              Map.entry("Linear", Linear::fromJson),
              Map.entry("MaxPool2d", MaxPool2d::fromJson),
              Map.entry("ReLU", a -> new ReLU()),
              Map.entry("Residual", Residual::fromJson),
              Map.entry("Sequential", Sequential::fromJson),
              Map.entry("Sigmoid", a -> new Sigmoid()),
              Map.entry("Tanh", a -> new Tanh()),
              Map.entry("Unflatten", Unflatten::fromJson)));
}
