// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.NamePatterns;
import io.sparkgrad.spark.data.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the tensors of a pretrained file come into a network, whose head may be another one.
 *
 * @param source where they are from, for messages
 * @param mapping prefixes of names in the file as {@code old=new}; the first that fits counts
 * @param ignored names or globs, after the mapping, of what is not loaded
 * @param strict whether the file has to have all parameters and buffers of the network
 */
public record InitialWeights(
    String source, List<String> mapping, List<String> ignored, boolean strict) {
  private static final Logger LOG = LoggerFactory.getLogger(InitialWeights.class);

  /**
   * Loads what the file has for the network; the rest of the network stays as it is. Tensors that
   * the network lacks are an error unless they are ignored: they would be dropped without notice.
   *
   * @param file in safetensors format
   * @throws InputException if names or shapes do not fit
   */
  public void loadInto(Module network, byte[] file) {
    Map<String, Tensor> tensors = renamed(Safetensors.read(file, source));
    for (String pattern : ignored) {
      if (!tensors.keySet().removeIf(name -> NamePatterns.matches(pattern, name))) {
        throw new InputException(
            "initialWeightsIgnore: %s has no tensor '%s'; it has %s."
                .formatted(source, pattern, listed(List.copyOf(tensors.keySet()))));
      }
    }
    Module.LoadResult result = load(network, tensors);
    if (!result.unexpectedKeys().isEmpty()) {
      throw new InputException(
          "initialWeights: %s holds tensors that the network does not have: %s; map them by initialWeightsMapping or leave them out by initialWeightsIgnore."
              .formatted(source, listed(result.unexpectedKeys())));
    }
    if (!result.missingKeys().isEmpty()) {
      String missing = listed(result.missingKeys());
      if (strict) {
        throw new InputException(
            "initialWeights: %s lacks %s, which initialWeightsStrict demands."
                .formatted(source, missing));
      }
      LOG.info("initialWeights: {} lacks {}; they start as initialised", source, missing);
    }
  }

  private Module.LoadResult load(Module network, Map<String, Tensor> tensors) {
    try {
      return network.loadStateDict(tensors, false);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "initialWeights: %s does not fit the network: %s; leave out what is replaced by initialWeightsIgnore."
              .formatted(source, e.getMessage()),
          e);
    }
  }

  private Map<String, Tensor> renamed(Map<String, Tensor> tensors) {
    Map<String, Tensor> result = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          String target = renamed(name);
          if (result.put(target, tensor) != null) {
            throw new InputException(
                "initialWeightsMapping: two tensors of %s would be called '%s'."
                    .formatted(source, target));
          }
        });
    return result;
  }

  private String renamed(String name) {
    for (String rule : mapping) {
      int equals = rule.indexOf('=');
      if (equals < 0) {
        throw new InputException(
            "initialWeightsMapping: expected prefixes as old=new, got '%s'.".formatted(rule));
      }
      String prefix = rule.substring(0, equals);
      if (name.startsWith(prefix)) {
        return rule.substring(equals + 1) + name.substring(prefix.length());
      }
    }
    return name;
  }

  /** At most so many that a message stays readable. */
  private static String listed(List<String> names) {
    int shown = Math.min(names.size(), 12);
    String list = String.join(", ", names.subList(0, shown));
    return shown == names.size() ? list : list + " and %d more".formatted(names.size() - shown);
  }
}
