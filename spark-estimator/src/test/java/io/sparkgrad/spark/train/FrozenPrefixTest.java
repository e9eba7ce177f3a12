// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.ConcatBranches;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.LSTM;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Softmax;
import io.sparkgrad.nn.models.MobileNetV4;
import io.sparkgrad.nn.models.ResNet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FrozenPrefixTest {
  /** A frozen Linear called a, the layer called b, all of it frozen, and a trained one. */
  private static FrozenPrefix around(Module layer) {
    Sequential network =
        Sequential.builder()
            .add("a", new Linear(4, 4))
            .add("b", layer)
            .add("head", new Linear(4, 2))
            .build();
    network.freeze(List.of("a"));
    layer.requiresGrad_(false);
    return FrozenPrefix.of(network);
  }

  @Test
  @DisplayName("the prefix reaches into the Sequential in which the first trained layer lies")
  void nested() {
    Linear trained = new Linear(4, 4);
    Sequential blocks = new Sequential(new Linear(4, 4), new ReLU(), trained, new ReLU());
    Sequential network =
        Sequential.builder()
            .add("stem", new Linear(4, 4))
            .add("blocks", blocks)
            .add("head", new Linear(4, 2))
            .build();
    network.freeze(List.of("stem", "blocks.0"));
    FrozenPrefix prefix = FrozenPrefix.of(network);
    assertEquals("blocks.2 is trained", prefix.end());
    assertEquals(
        List.of("blocks.2.weight", "blocks.2.bias", "head.weight", "head.bias"),
        List.copyOf(prefix.rest().namedParameters().keySet()));
    assertSame(trained.weight(), prefix.rest().parameters().get(0));
    Tensor x = Tensor.ones(3, 4);
    Tensor features = prefix.features(List.of(x));
    assertFalse(features.requiresGrad());
    assertArrayEquals(network.call(x).toFloatArray(), prefix.rest().call(features).toFloatArray());
  }

  @Test
  @DisplayName("a frozen backbone of convolutions is a prefix as a whole")
  void backbones() {
    Sequential mobile = MobileNetV4.convSmall050(10);
    mobile.freeze(List.of("conv_stem", "blocks"));
    assertEquals(
        List.of("head.weight", "head.bias"),
        List.copyOf(FrozenPrefix.of(mobile).rest().namedParameters().keySet()));
    Sequential resnet = ResNet.resnet18(10);
    resnet.freeze(List.of("*"));
    resnet.namedChildren().get("fc").requiresGrad_(true);
    assertEquals("bn1 follows the statistics of the rows", FrozenPrefix.of(resnet).end());
    resnet.eval();
    assertEquals("fc is trained", FrozenPrefix.of(resnet).end());
  }

  @Test
  @DisplayName("a prefix takes the several inputs that the network takes")
  void severalInputs() {
    Sequential network =
        Sequential.builder()
            .add("branches", new ConcatBranches(new Linear(4, 3), new Linear(2, 2)))
            .add("head", new Linear(5, 2))
            .build();
    network.freeze(List.of("branches"));
    FrozenPrefix prefix = FrozenPrefix.of(network);
    List<Tensor> inputs = List.of(Tensor.ones(6, 4), Tensor.ones(6, 2));
    assertArrayEquals(
        network.call(inputs).toFloatArray(),
        prefix.rest().call(prefix.features(inputs)).toFloatArray());
  }

  @Test
  @DisplayName("it ends at what is not the same each time for a row by itself")
  void ends() {
    assertEquals("head is trained", around(new ReLU()).end());
    assertEquals("head is trained", around(new Dropout(0)).end());
    assertEquals("head is trained", around(new Softmax(-1)).end());
    assertEquals("b draws random numbers", around(new Dropout(0.1)).end());
    assertEquals("b follows the statistics of the rows", around(new BatchNorm1d(4)).end());
    assertEquals("b mixes the rows of a batch", around(new Softmax(0)).end());
    assertEquals("b mixes the rows of a batch", around(new LSTM(4, 4)).end());
    assertEquals(
        "b.0 is of the class %s, which may draw random numbers".formatted(Own.class.getName()),
        around(new Sequential(new Own())).end());
  }

  @Test
  @DisplayName("there is none in another network, and none without frozen parameters")
  void none() {
    FrozenPrefix own = FrozenPrefix.of(new Own());
    assertTrue(own.isEmpty());
    assertEquals("the network is not a Sequential", own.end());
    Sequential network = new Sequential(new ReLU(), new Linear(4, 2));
    FrozenPrefix trained = FrozenPrefix.of(network);
    assertTrue(trained.isEmpty());
    assertSame(network, trained.rest());
  }

  private static final class Own extends Module {
    @Override
    public Tensor forward(Tensor x) {
      return x;
    }

    @Override
    protected void describe(ObjectNode json) {}
  }
}
