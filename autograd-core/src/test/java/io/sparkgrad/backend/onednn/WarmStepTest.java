// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.optim.SGD;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WarmStepTest {
  private final Module net = ResNet.cifar(8, 10).train();
  private final SGD optimizer =
      new SGD(net.parameters(), SGD.Options.DEFAULT.withLr(1e-3).withMomentum(0.9));
  private final Tensor images = Tensor.randn(new Generator(1), 8, 3, 32, 32);
  private final Tensor labels = Tensor.of(new long[] {0, 1, 2, 3, 4, 5, 6, 7});

  private void step() {
    try (var scope = TensorScope.open()) {
      optimizer.zeroGrad();
      new CrossEntropyLoss().forward(net.call(images), labels).backward();
      optimizer.step();
    }
  }

  @Test
  @DisplayName("a warm training step takes no memory from the system and keeps none")
  void allocatesNothing() {
    long before = MemoryPool.SHARED.owned();
    step();
    assertTrue(MemoryPool.SHARED.owned() > before, "the first step has to take some");
    step();
    long owned = MemoryPool.SHARED.owned();
    long lent = MemoryPool.SHARED.lent();
    for (int i = 0; i < 5; i++) {
      step();
    }
    assertEquals(owned, MemoryPool.SHARED.owned());
    assertTrue(MemoryPool.SHARED.lent() <= lent, "gradients and momenta are there from before");
  }
}
