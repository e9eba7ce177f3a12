// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.autograd.op.Pool2dOptions;
import io.sparkgrad.shape.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link Architecture}: networks as JSON. */
class ArchitectureJsonTest {
  private static final String LAYERS =
      "AdaptiveAvgPool2d, AvgPool2d, BatchNorm1d, BatchNorm2d, BlurPool2d, ConcatBranches, Conv1d, Conv2d, ConvTranspose2d, Dropout, ELU, Embedding, Flatten, GELU, GRU, GroupNorm, Hardsigmoid, Hardswish, Hardtanh, Identity, LSTM, LayerNorm, LeakyReLU, Linear, LogSigmoid, LogSoftmax, MaxPool2d, MultiheadAttention, ReLU, ReLU6, Residual, Sequential, SiLU, Sigmoid, Softmax, Softplus, Tanh, TransformerEncoderLayer, Unflatten";

  /** A class of the user's own. */
  public static final class Doubling extends Module {
    private final int times;

    Doubling(int times) {
      this.times = times;
    }

    public static Module fromJson(LayerArguments a) {
      return new Doubling(a.integer("times", 1));
    }

    @Override
    public Tensor forward(Tensor x) {
      return x.mul(1 << times);
    }

    @Override
    protected void describe(ObjectNode json) {
      json.put("times", times);
    }
  }

  /** Whose factory is not static. */
  public static final class Wrong {
    public Module fromJson(LayerArguments a) {
      return new ReLU();
    }
  }

  /** Whose factory makes something else. */
  public static final class NoModule {
    private NoModule() {}

    public static Object fromJson(LayerArguments a) {
      return "no module";
    }
  }

  static Stream<Module> layers() {
    Conv2dOptions uneven = new Conv2dOptions(2, 1, 0, 1, 1, 3, 2);
    return Stream.of(
        new Linear(3, 2),
        new Linear(3, 2, false),
        new Conv2d(2, 4, 3),
        new Conv2d(2, 4, 3, uneven, false),
        new MaxPool2d(3, 2, 1),
        new AdaptiveAvgPool2d(1),
        new BlurPool2d(4, 2),
        new Dropout(0.25),
        new BatchNorm1d(3),
        new BatchNorm2d(3, new BatchNormOptions(1e-3, null, false, true)),
        new BatchNorm2d(3, new BatchNormOptions(1e-5, 0.2, true, false)),
        new LayerNorm(3),
        new LayerNorm(Shape.of(2, 3), 1e-6, false),
        new GroupNorm(2, 4),
        new GroupNorm(2, 4, 1e-4, false),
        new Identity(),
        new Conv2d(2, 4, 3, 5, uneven, true),
        new Conv1d(2, 4, 3),
        new Conv1d(2, 4, 3, new Conv2dOptions(1, 2, 0, 1, 1, 3, 2), false),
        new ConvTranspose2d(2, 4, 3),
        new ConvTranspose2d(2, 4, 3, uneven, 1, false),
        new ConvTranspose2d(2, 4, 3, 5, uneven, 1, 2, true),
        new MaxPool2d(Pool2dOptions.of(2, 3).withStride(1, 2).withDilation(2, 1)),
        new AvgPool2d(3, 2, 1),
        new AvgPool2d(Pool2dOptions.of(2, 3).withCeilMode(true), false),
        new AdaptiveAvgPool2d(2, 3),
        new Embedding(5, 2),
        new Embedding(5, 2, 0),
        new Unflatten(1, 2, 3),
        new Flatten(2),
        new ELU(0.5),
        new GELU(),
        new GELU("tanh"),
        new Hardtanh(-2, 3),
        new LeakyReLU(0.2),
        new LogSigmoid(),
        new LogSoftmax(-1),
        new ReLU6(),
        new SiLU(),
        new Hardsigmoid(),
        new Hardswish(),
        new Softmax(1),
        new Softplus(2, 10),
        new ReLU(),
        new Sigmoid(),
        new Tanh(),
        new Doubling(3),
        new MultiheadAttention(4, 2),
        new MultiheadAttention(4, 2, new MultiheadAttentionOptions(0.1, false, true)),
        new TransformerEncoderLayer(4, 2),
        new TransformerEncoderLayer(
            4, 2, new TransformerEncoderOptions(3, 0.2, "gelu", 1e-6, true, true)),
        new LSTM(3, 2),
        new LSTM(3, 2, new RecurrentOptions(2, false, true, 0.1, true)),
        new GRU(3, 2),
        new GRU(3, 2, RecurrentOptions.DEFAULT.withNumLayers(2)),
        new Sequential(new Linear(2, 2), new Residual(new Doubling(1))),
        Sequential.builder()
            .add("first", new Linear(2, 2))
            .add("second", Sequential.builder().add("inner", new ReLU()).buildResidual())
            .build());
  }

  @ParameterizedTest
  @MethodSource("layers")
  void thereAndBack(Module module) {
    Module again = Architecture.fromJson(Architecture.toJson(module));
    assertSame(module.getClass(), again.getClass());
    assertEquals(module.toString(), again.toString());
    assertEquals(Architecture.toJson(module), Architecture.toJson(again));
    assertEquals(List.copyOf(module.stateDict().keySet()), List.copyOf(again.stateDict().keySet()));
  }

  @Test
  void readsWhatPeopleWrite() {
    Module net =
        Architecture.fromJson(
            """
            {"type": "Sequential", "layers": [
              {"type": "Conv2d", "in_channels": 1, "out_channels": 2, "kernel_size": 3, "padding": [1, 0]},
              {"type": "ReLU"},
              {"name": "pool", "type": "MaxPool2d", "kernel_size": 2}]}
            """);
    assertEquals(Shape.of(1, 2, 2, 1), net.forward(Tensor.ones(1, 1, 4, 4)).shape());
    assertEquals(List.of("0", "1", "pool"), List.copyOf(net.namedChildren().keySet()));
  }

  private static final String DOUBLING = Doubling.class.getName();

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of(
            "{'type': 'Lin', 'x': 1}",
            "network.type: expected one of " + LAYERS + ", or the name of a class, got \"Lin\""),
        Arguments.of(
            "{'type': 'Linear', 'in_features': 2}",
            "network.out_features: expected a positive integer, got nothing"),
        Arguments.of(
            "{'type': 'Linear', 'in_features': 0, 'out_features': 1}",
            "network.in_features: expected a positive integer, got 0"),
        Arguments.of(
            "{'type': 'Linear', 'in_features': 2.5, 'out_features': 1}",
            "network.in_features: expected a positive integer, got 2.5"),
        Arguments.of(
            "{'type': 'Linear', 'in_features': 2, 'out_features': 1, 'bias': 'no'}",
            "network.bias: expected true or false, got \"no\""),
        Arguments.of(
            "{'type': 'Linear', 'in_features': 2, 'out_features': 1, 'biass': false}",
            "network.biass: Linear has no such argument; it takes [in_features, out_features, bias]"),
        Arguments.of(
            "{'type': 'Dropout', 'p': '0.5'}", "network.p: expected a number, got \"0.5\""),
        Arguments.of(
            "{'type': 'Dropout', 'p': 2}",
            "network: Dropout: p has to be between 0 and 1, got 2.0"),
        Arguments.of("{'type': 'Softmax'}", "network.dim: expected an integer, got nothing"),
        Arguments.of(
            "{'type': 'GELU', 'approximate': 1}", "network.approximate: expected a string, got 1"),
        Arguments.of(
            "{'type': 'GELU', 'approximate': 'erf'}",
            "network: GELU: approximate has to be \"none\" or \"tanh\", got \"erf\""),
        Arguments.of(
            "{'type': 'Hardtanh', 'min_val': 2}",
            "network: Hardtanh: min_val has to be at most max_val, got 2.0 and 1.0"),
        Arguments.of(
            "{'type': 'Flatten', 'start_dim': -1}",
            "network.start_dim: expected an integer of 0 or more, got -1"),
        Arguments.of(
            "{'type': 'Conv2d', 'in_channels': 1, 'out_channels': 1, 'kernel_size': 1, 'stride': [1, 0]}",
            "network.stride: expected an integer or two, of 1 or more, got [1,0]"),
        Arguments.of(
            "{'type': 'Sequential'}", "network.layers: expected a list of layers, got nothing"),
        Arguments.of(
            "{'type': 'Sequential', 'layers': [{'type': 'ReLU'}, {'type': 'Sequential', 'layers': [{'type': 'Nope'}]}]}",
            "network.layers[1].layers[0].type: expected one of "
                + LAYERS
                + ", or the name of a class, got \"Nope\""),
        Arguments.of(
            "{'type': 'Sequential', 'layers': [{'type': 'ReLU', 'name': 'a'}, {'type': 'ReLU', 'name': 'a'}]}",
            "network.layers[1].name: 'a' is taken already"),
        Arguments.of(
            "{'type': 'Sequential', 'layers': [{'type': 'ReLU', 'name': 'a.b'}]}",
            "network: module: a name must not be empty and must not contain \".\", got \"a.b\""),
        Arguments.of(
            "{'type': 'no.such.Layer'}",
            "network.type: no.such.Layer is not a class on the class path with a public static Module fromJson(LayerArguments)"),
        Arguments.of(
            "{'type': 'java.lang.String'}",
            "network.type: java.lang.String is not a class on the class path with a public static Module fromJson(LayerArguments)"),
        Arguments.of(
            "{'type': '" + Wrong.class.getName() + "'}",
            "network.type: "
                + Wrong.class.getName()
                + " is not a class on the class path with a public static Module fromJson(LayerArguments)"),
        Arguments.of(
            "{'type': '" + NoModule.class.getName() + "'}",
            "network.type: "
                + NoModule.class.getName()
                + " is not a class on the class path with a public static Module fromJson(LayerArguments)"),
        Arguments.of(
            "{'type': '" + DOUBLING + "', 'times': 0}",
            "network: "
                + DOUBLING
                + ".fromJson failed: architecture: network.times: expected a positive integer, got 0"),
        Arguments.of(
            "{'type': 'ReLU', 'type': 'Tanh'}", "not JSON: Duplicate field 'type' at line 1"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void saysWhatIsWrongAndWhere(String json, String message) {
    rejects(
        IllegalArgumentException.class,
        "architecture: " + message,
        () -> Architecture.fromJson(json.replace('\'', '"')));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{\"type\": \"ReLU\"} and more", "{\"type\""})
  void otherJson(String json) {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Architecture.fromJson(json))
            .getMessage()
            .startsWith("architecture: "));
  }
}
