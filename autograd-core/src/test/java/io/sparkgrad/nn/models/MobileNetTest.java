// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Residual;
import io.sparkgrad.shape.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MobileNetTest {
  private static final IntFunction<Module> V2 = MobileNet::v2;
  private static final IntFunction<Module> V3 = MobileNet::v3Small;

  static Stream<Arguments> torchvision() {
    return Stream.of(Arguments.of(V2, 3_504_872, 314), Arguments.of(V3, 2_542_856, 244));
  }

  @ParameterizedTest
  @MethodSource("torchvision")
  @DisplayName("as many parameters and state entries as torchvision's; five halvings")
  void sizes(IntFunction<Module> network, long parameters, int entries) {
    Module net = network.apply(1000);
    assertEquals(parameters, net.parameters().stream().mapToLong(Tensor::numel).sum());
    assertEquals(entries, net.stateDict().size());
    net.eval();
    try (var mode = GradMode.noGrad()) {
      Tensor x = Tensor.ones(1, 3, 64, 64);
      Tensor maps = net.namedChildren().get("features").forward(x);
      assertEquals(Shape.of(2, 2), Shape.of(maps.size(2), maps.size(3)));
      assertEquals(Shape.of(1, 1000), net.forward(x).shape());
    }
  }

  /** Name and shape of some parameters, of each kind of layer. */
  static Stream<Arguments> names() {
    return Stream.of(
        Arguments.of(V2, "features.0.0.weight", Shape.of(32, 3, 3, 3)),
        Arguments.of(V2, "features.0.1.running_var", Shape.of(32)),
        Arguments.of(V2, "features.1.conv.0.0.weight", Shape.of(32, 1, 3, 3)),
        Arguments.of(V2, "features.1.conv.1.weight", Shape.of(16, 32, 1, 1)),
        Arguments.of(V2, "features.1.conv.2.bias", Shape.of(16)),
        Arguments.of(V2, "features.2.conv.0.0.weight", Shape.of(96, 16, 1, 1)),
        Arguments.of(V2, "features.17.conv.1.0.weight", Shape.of(960, 1, 3, 3)),
        Arguments.of(V2, "features.17.conv.3.weight", Shape.of(320)),
        Arguments.of(V2, "features.18.0.weight", Shape.of(1280, 320, 1, 1)),
        Arguments.of(V2, "classifier.1.weight", Shape.of(7, 1280)),
        Arguments.of(V3, "features.0.0.weight", Shape.of(16, 3, 3, 3)),
        Arguments.of(V3, "features.1.block.0.0.weight", Shape.of(16, 1, 3, 3)),
        Arguments.of(V3, "features.1.block.1.fc1.bias", Shape.of(8)),
        Arguments.of(V3, "features.1.block.2.1.weight", Shape.of(16)),
        Arguments.of(V3, "features.4.block.1.0.weight", Shape.of(96, 1, 5, 5)),
        Arguments.of(V3, "features.11.block.2.fc2.weight", Shape.of(576, 144, 1, 1)),
        Arguments.of(V3, "features.11.block.3.0.weight", Shape.of(96, 576, 1, 1)),
        Arguments.of(V3, "features.12.0.weight", Shape.of(576, 96, 1, 1)),
        Arguments.of(V3, "classifier.0.weight", Shape.of(1024, 576)),
        Arguments.of(V3, "classifier.3.bias", Shape.of(7)));
  }

  @ParameterizedTest
  @MethodSource("names")
  @DisplayName("MOD-4: the state has torchvision's names")
  void stateNames(IntFunction<Module> network, String name, Shape shape) {
    assertEquals(shape, network.apply(7).stateDict().get(name).shape());
  }

  static Stream<IntFunction<Module>> networks() {
    return Stream.of(V2, V3);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void trainsAndSurvivesTheWayThroughJson(IntFunction<Module> network) {
    Module net = network.apply(3);
    net.forward(Tensor.ones(2, 3, 32, 32)).square().sum().backward();
    net.namedParameters().forEach((name, p) -> assertNotNull(p.grad(), name));
    Module again = Architecture.fromJson(Architecture.toJson(net));
    assertEquals(net.toString(), again.toString());
    again.loadStateDict(net.stateDict(), true);
    net.eval();
    again.eval();
    Tensor x = Tensor.ones(1, 3, 32, 32);
    assertArrayEquals(net.forward(x).toFloatArray(), again.forward(x).toFloatArray());
  }

  @Test
  @DisplayName("a shortcut stands beside each block that keeps the shape")
  void shortcuts() {
    Map<String, Module> v2 = MobileNet.v2(2).namedChildren().get("features").namedChildren();
    List<String> residual =
        v2.entrySet().stream()
            .filter(e -> e.getValue() instanceof Residual)
            .map(Map.Entry::getKey)
            .toList();
    assertEquals(List.of("3", "5", "6", "8", "9", "10", "12", "13", "15", "16"), residual);
    Map<String, Module> v3 = MobileNet.v3Small(2).namedChildren().get("features").namedChildren();
    assertTrue(v3.get("3") instanceof Residual);
    assertEquals("Sequential", v3.get("7").getClass().getSimpleName());
  }

  @Test
  @DisplayName("squeeze and excitation: means (2, −1), squeezed 2, weights hardsigmoid (1, −8)")
  void squeeze() {
    Module se = new SqueezeExcitation(2, 1).to(DType.FLOAT64);
    se.loadStateDict(
        Map.of(
            "fc1.weight", t(new double[] {1, 1}, 1, 2, 1, 1),
            "fc1.bias", t(new double[] {1}),
            "fc2.weight", t(new double[] {.5, -4}, 2, 1, 1, 1),
            "fc2.bias", Tensor.zeros(2)),
        true);
    Tensor x = t(new double[] {1, 3, -2, 0}, 1, 2, 1, 2);
    values(se.forward(x), Shape.of(1, 2, 1, 2), 2 / 3.0, 2, 0, 0);
  }

  @Test
  @DisplayName("numbers of channels are rounded to eights, not below 90%")
  void divisible() {
    assertEquals(8, MobileNet.divisible(4));
    assertEquals(24, MobileNet.divisible(24));
    assertEquals(32, MobileNet.divisible(30));
    assertEquals(24, MobileNet.divisible(18)); // 16 were less than 16.2
  }
}
