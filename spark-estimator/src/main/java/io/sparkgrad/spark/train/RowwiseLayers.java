// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Module;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says of layers whether they are frozen and compute of each row, by itself, the same each time.
 * Layers of the core do, with the exceptions below; of a class from elsewhere nothing is known, so
 * it is taken not to.
 */
final class RowwiseLayers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CORE = Module.class.getPackageName();

  private RowwiseLayers() {}

  /**
   * Why a layer, or one below it, is not such a layer; empty if all are.
   *
   * @param name for the answer
   */
  static Optional<String> objection(String name, Module layer) {
    return first(name, layer, RowwiseLayers::ofOne);
  }

  /**
   * Why what a layer of the core, or one below it, computes of a row depends on the others of its
   * batch, trained or not; empty if it does not.
   */
  static Optional<String> mixing(String name, Module layer) {
    return first(name, layer, RowwiseLayers::mixing);
  }

  private static Optional<String> first(
      String name, Module layer, Function<Module, Optional<String>> of) {
    for (Map.Entry<String, Module> entry : layer.namedModules().entrySet()) {
      String path = entry.getKey().isEmpty() ? name : name + "." + entry.getKey();
      Optional<String> objection = of.apply(entry.getValue());
      if (objection.isPresent()) {
        return Optional.of(path + " " + objection.get());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> ofOne(Module module) {
    if (module.parameters().stream().anyMatch(Tensor::requiresGrad)) {
      return Optional.of("is trained");
    }
    String home = module.getClass().getPackageName();
    if (!home.equals(CORE) && !home.startsWith(CORE + ".")) {
      return Optional.of(
          "is of the class %s, which may draw random numbers"
              .formatted(module.getClass().getName()));
    }
    double dropout =
        arguments(module).path(module instanceof Dropout ? "p" : "dropout").asDouble(0);
    if (dropout > 0) {
      return Optional.of("draws random numbers");
    }
    return mixing(module);
  }

  private static Optional<String> mixing(Module module) {
    if (module instanceof BatchNorm && module.isTraining()) {
      return Optional.of("follows the statistics of the rows");
    }
    if (module instanceof BatchNorm && !module.namedBuffers().containsKey("running_mean")) {
      return Optional.of("normalises by the rows of a batch");
    }
    return mixesRows(arguments(module))
        ? Optional.of("mixes the rows of a batch")
        : Optional.empty();
  }

  /** Whether the first axis, which is that of the rows, is taken for another. */
  private static boolean mixesRows(JsonNode arguments) {
    int axis = arguments.path("dim").asInt(1);
    return !arguments.path("batch_first").asBoolean(true)
        || arguments.path("start_dim").asInt(1) < 1
        || axis == 0
        || axis < -1;
  }

  private static JsonNode arguments(Module module) {
    try {
      return JSON.readTree(Architecture.toJson(module));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an architecture is JSON", e);
    }
  }
}
