// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A network in two parts: the frozen layers it begins with, as far as they compute of each row the
 * same each time, and the rest. Only a {@link Sequential} is parted, and the first of its layers
 * that is not wholly frozen if that is a Sequential, and so on. The parts hold the network's own
 * layers.
 */
final class FrozenPrefix {
  private final @Nullable Module prefix;
  private final Module rest;
  private final String end;

  private FrozenPrefix(@Nullable Module prefix, Module rest, String end) {
    this.prefix = prefix;
    this.rest = rest;
    this.end = end;
  }

  /** Parts a network whose layers are in the modes that they are trained in. */
  static FrozenPrefix of(Module network) {
    if (network.getClass() != Sequential.class) {
      return new FrozenPrefix(null, network, "the network is not a Sequential");
    }
    Parts parts = new Parts("", network);
    Module prefix = new Sequential(parts.prefix);
    if (prefix.parameters().isEmpty()) {
      return new FrozenPrefix(null, network, parts.end);
    }
    return new FrozenPrefix(prefix, new Sequential(parts.rest), parts.end);
  }

  /** Whether the network does not begin with frozen parameters. */
  boolean isEmpty() {
    return prefix == null;
  }

  /** Why the prefix does not go on, in a clause. */
  String end() {
    return end;
  }

  /** What is behind the prefix; the network itself if that is empty. */
  Module rest() {
    return rest;
  }

  /** What the prefix, which is not empty, puts out; no graph is recorded. */
  Tensor features(List<Tensor> inputs) {
    if (prefix == null) {
      throw new IllegalStateException("the prefix is empty");
    }
    try (var mode = GradMode.noGrad()) {
      return prefix.call(inputs);
    }
  }

  /**
   * The layers of a Sequential up to the first that does not belong to a prefix, and the others.
   */
  private static final class Parts {
    final Map<String, Module> prefix = new LinkedHashMap<>();
    final Map<String, Module> rest = new LinkedHashMap<>();
    String end = "all of it is frozen";

    Parts(String path, Module sequence) {
      sequence
          .namedChildren()
          .forEach(
              (name, layer) -> {
                String full = path.isEmpty() ? name : path + "." + name;
                Optional<String> objection =
                    rest.isEmpty() ? RowwiseLayers.objection(full, layer) : Optional.of(end);
                if (objection.isEmpty()) {
                  prefix.put(name, layer);
                } else if (rest.isEmpty()) {
                  end = objection.get();
                  part(name, full, layer);
                } else {
                  rest.put(name, layer);
                }
              });
    }

    private void part(String name, String full, Module layer) {
      if (layer.getClass() == Sequential.class) {
        Parts inner = new Parts(full, layer);
        end = inner.end;
        if (!inner.prefix.isEmpty()) {
          prefix.put(name, new Sequential(inner.prefix));
          rest.put(name, new Sequential(inner.rest));
          return;
        }
      }
      rest.put(name, layer);
    }
  }
}
