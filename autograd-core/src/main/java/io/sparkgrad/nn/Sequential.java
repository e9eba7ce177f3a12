// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Modules one after the other, under numbers or under names of one's own. */
public class Sequential extends Module {

  /** Children named "0", "1", and so on. */
  public Sequential(Module... layers) {
    for (int i = 0; i < layers.length; i++) {
      registerModule(String.valueOf(i), layers[i]);
    }
  }

  /** Children under these names, in the map's order. */
  public Sequential(Map<String, Module> layers) {
    layers.forEach(this::registerModule);
  }

  /** Collects named layers. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects named layers. */
  public static final class Builder {
    private final Map<String, Module> layers = new LinkedHashMap<>();

    public Builder add(String name, Module layer) {
      if (layers.put(name, layer) != null) {
        throw new IllegalArgumentException("Sequential: the name '" + name + "' is taken already");
      }
      return this;
    }

    public Sequential build() {
      return new Sequential(layers);
    }

    /** The layers as a branch beside a shortcut. */
    public Residual buildResidual() {
      return new Residual(layers);
    }

    /** The layers as branches, one for each input. */
    public ConcatBranches buildConcatBranches() {
      return new ConcatBranches(layers);
    }
  }

  static Sequential fromJson(LayerArguments a) {
    return new Sequential(children(a));
  }

  static Map<String, Module> children(LayerArguments a) {
    JsonNode layers = a.json().path("layers");
    if (!layers.isArray()) {
      throw a.wrong("layers", "a list of layers", layers);
    }
    Map<String, Module> children = new LinkedHashMap<>();
    for (int i = 0; i < layers.size(); i++) {
      String name = layers.get(i).path("name").asText(String.valueOf(i));
      String path = a.path() + ".layers[" + i + "]";
      if (children.put(name, Architecture.build(layers.get(i), path)) != null) {
        throw new IllegalArgumentException(
            "architecture: %s.name: '%s' is taken already".formatted(path, name));
      }
    }
    return children;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Fusion.sequence(x, List.copyOf(namedChildren().values()));
  }

  /** The first layer takes all inputs. */
  @Override
  public Tensor forward(List<Tensor> inputs) {
    List<Module> layers = List.copyOf(namedChildren().values());
    if (inputs.size() == 1 || layers.isEmpty()) {
      return forward(only(inputs));
    }
    return Fusion.sequence(layers.get(0).call(inputs), layers.subList(1, layers.size()));
  }

  @Override
  protected void describe(ObjectNode json) {
    Architecture.describeChildren(this, json);
  }
}
