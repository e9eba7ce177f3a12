// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModuleTest {
  /** Own parameters and buffer, a shared child under two names, a frozen grandchild. */
  private static final class Net extends Module {
    final Parameter scale = registerParameter("scale", new Parameter(Tensor.ones(1)));
    final Tensor count = registerBuffer("count", Tensor.of(new long[] {3}).reshape());
    final Linear linear1 = registerModule("linear1", new Linear(2, 2));
    final Linear linear2 = registerModule("linear2", linear1);
    final Sequential block =
        registerModule("block", new Sequential(new Linear(2, 3, false), new Dropout(0.5)));

    @Override
    public Tensor forward(Tensor x) {
      return block.forward(linear2.forward(linear1.forward(x))).mul(scale);
    }

    @Override
    protected void describe(ObjectNode json) {}

    void register(String name) {
      registerModule(name, new ReLU());
    }
  }

  @Test
  @DisplayName("MOD-1, M01: own before the children's, each object once under its first name")
  void names() {
    Net net = new Net();
    assertEquals(
        List.of("scale", "linear1.weight", "linear1.bias", "block.0.weight"),
        List.copyOf(net.namedParameters().keySet()));
    assertEquals(List.copyOf(net.namedParameters().values()), net.parameters());
    assertEquals(
        List.of("", "linear1", "block", "block.0", "block.1"),
        List.copyOf(net.namedModules().keySet()));
    assertEquals(List.of("linear1", "linear2", "block"), List.copyOf(net.namedChildren().keySet()));
    assertEquals(
        List.of("", "linear1", "linear2", "block", "block.0", "block.1"),
        List.copyOf(net.namedModules(false).keySet()));
    assertEquals(
        "scale linear1.weight linear1.bias linear2.weight linear2.bias block.0.weight",
        String.join(" ", net.namedParameters(false).keySet()));
  }

  @Test
  @DisplayName("MOD-1, M01: with removeDuplicate=false what is shared has all its names")
  void allNames() {
    Net net = new Net();
    assertEquals(
        List.of("", "linear1", "linear2", "block", "block.0", "block.1"),
        List.copyOf(net.namedModules(false).keySet()));
    Map<String, Parameter> all = net.namedParameters(false);
    assertEquals(
        "scale linear1.weight linear1.bias linear2.weight linear2.bias block.0.weight",
        String.join(" ", all.keySet()));
    assertSame(all.get("linear1.weight"), all.get("linear2.weight"));
  }

  @Test
  @DisplayName("MOD-4, M02: the state has every name, as aliases of the live storage")
  void stateDict() {
    Net net = new Net();
    Map<String, Tensor> state = net.stateDict();
    assertEquals(
        List.of(
            "scale",
            "count",
            "linear1.weight",
            "linear1.bias",
            "linear2.weight",
            "linear2.bias",
            "block.0.weight"),
        List.copyOf(state.keySet()));
    assertTrue(state.values().stream().noneMatch(Tensor::requiresGrad));
    state.get("scale").fill_(7);
    assertEquals(7, net.scale.item());
    assertEquals(DType.INT64, state.get("count").dtype());
    assertEquals(Shape.scalar(), state.get("count").shape());
  }

  @Test
  @DisplayName("MOD-2, M07: names")
  void badNames() {
    for (String bad : List.of("", "a.b")) {
      rejects(
          IllegalArgumentException.class,
          "module: a name must not be empty and must not contain \".\", got \"" + bad + "\"",
          () -> new Net().register(bad));
    }
    for (String taken : List.of("scale", "count", "block")) {
      rejects(
          IllegalArgumentException.class,
          "module: the name '" + taken + "' is taken already",
          () -> new Net().register(taken));
    }
  }

  @Test
  @DisplayName("MOD-2, FLAG-4, FLAG-6: parameters require a gradient, also when made under noGrad")
  void parameter() {
    try (var mode = GradMode.noGrad()) {
      assertTrue(new Parameter(Tensor.ones(1)).requiresGrad());
    }
    assertFalse(new Parameter(Tensor.of(new long[] {1}), false).requiresGrad());
    rejects(
        AutogradException.class,
        "only tensors of floating point dtype can require gradients, got INT64",
        () -> new Parameter(Tensor.of(new long[] {1})));
  }

  @Test
  @DisplayName("MOD-5, M05: loading keeps objects, flags and types, and converts")
  void load() {
    Net net = new Net();
    net.linear1.weight().requiresGrad_(false);
    Parameter weight = net.linear1.weight();
    Map<String, Tensor> state = new LinkedHashMap<>(net.stateDict());
    state.replaceAll((name, tensor) -> tensor.copy());
    state.put("linear1.weight", t(new double[] {1, 2, 3, 4}, 2, 2));
    state.put("linear2.weight", t(new double[] {1, 2, 3, 4}, 2, 2));
    state.put("count", Tensor.of(new long[] {5})); // [1] into a scalar
    Module.LoadResult result = net.loadStateDict(state, true);
    assertEquals(new Module.LoadResult(List.of(), List.of()), result);
    assertSame(weight, net.linear1.weight());
    values(weight, 1, 2, 3, 4);
    assertEquals(DType.FLOAT32, weight.dtype());
    assertFalse(weight.requiresGrad());
    assertEquals(5, net.count.item());
  }

  @Test
  @DisplayName("MOD-5: all that does not fit is named at once, and nothing is loaded")
  void loadErrors() {
    Net net = new Net();
    Map<String, Tensor> state = new LinkedHashMap<>(net.stateDict());
    state.remove("count");
    state.remove("linear1.bias");
    state.put("other", Tensor.ones(1));
    state.put("scale", Tensor.full(9, 2));
    state.put("block.0.weight", Tensor.full(9, 3, 2));
    rejects(
        IllegalArgumentException.class,
        "loadStateDict: Missing key(s): count, linear1.bias; Unexpected key(s): other; size mismatch for scale: expected [1], got [2]",
        () -> net.loadStateDict(state, true));
    rejects(
        IllegalArgumentException.class,
        "loadStateDict: size mismatch for scale: expected [1], got [2]",
        () -> net.loadStateDict(state, false));
    assertFalse(net.stateDict().get("block.0.weight").toDoubleArray()[0] == 9);
    state.remove("scale");
    Module.LoadResult result = net.loadStateDict(state, false);
    assertEquals(List.of("scale", "count", "linear1.bias"), result.missingKeys());
    assertEquals(List.of("other"), result.unexpectedKeys());
    assertEquals(9, net.stateDict().get("block.0.weight").toDoubleArray()[0]);
  }

  @Test
  @DisplayName("MOD-7, M07: train and eval reach all below and leave gradients on")
  void modes() {
    Net net = new Net();
    assertTrue(net.isTraining());
    net.eval();
    assertTrue(net.namedModules().values().stream().noneMatch(Module::isTraining));
    assertTrue(net.forward(Tensor.ones(1, 2)).requiresGrad());
    net.train();
    assertTrue(net.namedModules().values().stream().allMatch(Module::isTraining));
  }

  @Test
  @DisplayName("MOD-6, MOD-8, M06: requiresGrad_ and zeroGrad")
  void gradients() {
    Net net = new Net();
    net.eval();
    net.forward(Tensor.ones(1, 2)).sum().backward();
    assertTrue(net.parameters().stream().noneMatch(p -> p.grad() == null));
    net.zeroGrad();
    assertTrue(net.parameters().stream().allMatch(p -> p.grad() == null));
    net.requiresGrad_(false);
    assertFalse(net.forward(Tensor.ones(1, 2)).requiresGrad());
    net.requiresGrad_(true);
    assertTrue(net.forward(Tensor.ones(1, 2)).requiresGrad());
  }

  static Stream<Arguments> patterns() {
    return Stream.of(
        Arguments.of("block", "block.0.weight"),
        Arguments.of("block.0", "block.0.weight"),
        Arguments.of("linear1", "linear1.weight linear1.bias"),
        Arguments.of("linear2", "linear1.weight linear1.bias"), // the other name of the same
        Arguments.of("linear2.bias", "linear1.bias"),
        Arguments.of("*.bias", "linear1.bias"),
        Arguments.of("linear?.weight", "linear1.weight"),
        Arguments.of("scale", "scale"),
        Arguments.of("block.1", ""), // a layer without parameters
        Arguments.of("bl*", "block.0.weight"),
        Arguments.of("*", "scale linear1.weight linear1.bias block.0.weight"));
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void freezes(String pattern, String expected) {
    Net net = new Net();
    net.eval();
    net.forward(Tensor.ones(1, 2)).sum().backward();
    List<String> frozen = net.freeze(List.of(pattern));
    assertEquals(expected, String.join(" ", frozen));
    net.namedParameters()
        .forEach(
            (name, p) -> {
              assertEquals(!frozen.contains(name), p.requiresGrad(), name);
              assertEquals(frozen.contains(name), p.grad() == null, name);
            });
  }

  @Test
  @DisplayName("a pattern that matches nothing is an error that lists what there is")
  void unknownPattern() {
    Net net = new Net();
    rejects(
        IllegalArgumentException.class,
        "frozenLayers: no layer or parameter is called 'blok'; the layers are linear1, linear2, block, and below them block.0, block.1",
        () -> net.freeze(List.of("scale", "blok")));
    assertTrue(net.scale.requiresGrad(), "nothing is frozen by half");
    rejects(
        IllegalArgumentException.class,
        "frozenLayers: no layer or parameter is called 'wait'; the parameters are weight, bias",
        () -> new Linear(1, 1).freeze(List.of("wait")));
    rejects(
        IllegalArgumentException.class,
        "frozenLayers: no layer or parameter is called 'block.'; the layers are linear1, linear2, block, and below them block.0, block.1",
        () -> net.freeze(List.of("block.")));
  }
}
