// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Module;
import io.sparkgrad.shape.Shape;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ModelsTest {
  private static long count(Module net) {
    return net.parameters().stream().filter(Tensor::requiresGrad).mapToLong(Tensor::numel).sum();
  }

  @Test
  @DisplayName("PRN-7, L08: 25,578 parameters, of which 25,130 without conv1")
  void simpleCnn() {
    Module net = SimpleCnn.create(3, 8, 8, 10);
    assertEquals(Shape.of(2, 10), net.forward(Tensor.ones(2, 3, 8, 8)).shape());
    assertEquals(25_578, count(net));
    net.freeze(List.of("conv1"));
    assertEquals(25_130, count(net));
  }

  @Test
  void mlp() {
    Module net = Mlp.create(4, 3, 2);
    assertEquals(
        List.of("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"),
        List.copyOf(net.namedParameters().keySet()));
    assertEquals(List.of("fc1", "relu1", "fc2"), List.copyOf(net.namedChildren().keySet()));
    assertEquals(Shape.of(5, 2), net.forward(Tensor.ones(5, 4)).shape());
    rejects(
        IllegalArgumentException.class,
        "Mlp: expected at least an input and an output size, got 1",
        () -> Mlp.create(3));
  }
}
