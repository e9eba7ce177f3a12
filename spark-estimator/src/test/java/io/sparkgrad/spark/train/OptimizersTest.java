// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.optim.Adagrad;
import io.sparkgrad.optim.Adam;
import io.sparkgrad.optim.AdamW;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.ParamGroup;
import io.sparkgrad.optim.RMSprop;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.spark.train.OptimizerSettings.Averages;
import io.sparkgrad.spark.train.OptimizerSettings.LayerRate;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OptimizersTest {
  /** Layers fc1, relu1, fc2, relu2, fc3. */
  private static Module network(String... frozen) {
    Module network = Mlp.create(4, 6, 5, 3);
    network.freeze(List.of(frozen));
    return network;
  }

  private static OptimizerSettings rates(LayerRate... rates) {
    return OptimizerSettings.of("adam", 0.1).withLayerRates(List.of(rates));
  }

  private static Optimizer<?> optimizer(String name, Averages averages) {
    return Optimizers.of(
        OptimizerSettings.of(name, 0.1).withWeightDecay(0.2).withAverages(averages), network());
  }

  @Test
  @DisplayName("every optimiser is set as it says")
  void settings() {
    Averages averages = new Averages(0.7, 0, true, 0.8, 0.99, 0.95, 1e-3, true);
    assertEquals(
        new SGD.Options(0.1, 0.7, 0, 0.2, true, false), options("sgd", SGD.class, averages));
    Adam.Options adam = new Adam.Options(0.1, 0.8, 0.99, 1e-3, 0.2, true, false);
    assertEquals(adam, options("adam", Adam.class, averages));
    assertEquals(adam, options("adamw", AdamW.class, averages));
    assertEquals(
        new RMSprop.Options(0.1, 0.95, 1e-3, 0.2, 0.7, false, false),
        options("rmsprop", RMSprop.class, averages));
    assertEquals(
        new Adagrad.Options(0.1, 0, 0.2, 0, 1e-3, false),
        options("adagrad", Adagrad.class, averages));
  }

  private static Object options(String name, Class<?> type, Averages averages) {
    Optimizer<?> optimizer = optimizer(name, averages);
    assertInstanceOf(type, optimizer);
    return optimizer.paramGroups().get(0).options();
  }

  @Test
  @DisplayName("without settings they are PyTorch's")
  void defaults() {
    assertEquals(
        Adagrad.Options.DEFAULT.withLr(0.1).withWeightDecay(0.2),
        options("adagrad", Adagrad.class, Averages.DEFAULT));
    assertEquals(
        RMSprop.Options.DEFAULT.withLr(0.1).withWeightDecay(0.2),
        options("rmsprop", RMSprop.class, Averages.DEFAULT));
  }

  @Test
  @DisplayName("the first pattern that names a parameter gives its learning rate")
  void layerRates() {
    Module network = network("fc1.bias");
    List<? extends ParamGroup<?>> groups =
        Optimizers.of(rates(new LayerRate("fc1", 0.3), new LayerRate("*.weight", 0.2)), network)
            .paramGroups();
    assertEquals(List.of(0.1, 0.3, 0.2), groups.stream().map(ParamGroup::lr).toList());
    assertEquals(
        List.of(2, 1, 2), groups.stream().map(g -> g.params().size()).toList()); // biases of 2, 3
    assertEquals(network.namedParameters().get("fc1.weight"), groups.get(1).params().get(0));
  }

  @Test
  @DisplayName(
      "a pattern that names nothing, or only what is frozen, is refused with what there is")
  void useless() {
    String unknown =
        assertThrows(
                IllegalArgumentException.class,
                () -> Optimizers.of(rates(new LayerRate("head", 1)), network()))
            .getMessage();
    assertEquals(
        "layerLearningRates: no layer or parameter is called 'head'; the layers are fc1, relu1, fc2, relu2, fc3",
        unknown);
    String frozen =
        assertThrows(
                IllegalArgumentException.class,
                () -> Optimizers.of(rates(new LayerRate("fc1", 1)), network("fc1", "fc2")))
            .getMessage();
    assertEquals(
        "layerLearningRates: 'fc1' names only frozen parameters; trained are fc3.weight, fc3.bias.",
        frozen);
  }
}
