// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.optim.SGD;
import java.util.Arrays;
import jcuda.runtime.JCuda;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Device memory that is lost shows as free memory, of all processes, that gets less. */
@Tag("gpu")
class GpuSoakTest {
  private static final long MIB = 1 << 20;

  private static long freeBytes() {
    long[] free = new long[1];
    assertEquals(0, JCuda.cudaMemGetInfo(free, new long[1]), "cudaMemGetInfo");
    return free[0];
  }

  @Test
  @DisplayName("5000 steps in scopes need no more memory than the first ones")
  void training() {
    Backend gpu = Gpu.backend();
    Module module = SimpleCnn.create(3, 32, 32, 10).to(gpu);
    var optimizer = new SGD(module.parameters(), SGD.Options.DEFAULT.withLr(1e-4));
    var criterion = new CrossEntropyLoss();
    Tensor labels = Tensor.of(new long[32]).to(gpu);
    Tensor images = Tensor.zeros(32, 3, 32, 32).to(gpu);
    long before = 0;
    for (int step = 0; step < 5000; step++) {
      if (step == 200) {
        before = freeBytes();
      }
      try (var scope = TensorScope.open()) {
        optimizer.zeroGrad();
        Tensor loss = criterion.forward(module.call(images), labels);
        loss.backward();
        optimizer.step();
        loss.item();
      }
    }
    assertLostAtMost(8 * MIB, before);
  }

  @Test
  @DisplayName("networks and tensors that are dropped without a scope come back by the collector")
  void droppedNetworks() {
    Backend gpu = Gpu.backend();
    float[] pixels = new float[8 * 3 * 64 * 64];
    Arrays.fill(pixels, 0.5f);
    long before = freeBytes();
    for (int i = 0; i < 100; i++) { // 45 MiB each
      Module module = ResNet.resnet18(10).to(gpu).train(false);
      try (var mode = GradMode.noGrad()) {
        module.call(Tensor.of(pixels, 8, 3, 64, 64).to(gpu)).toFloatArray();
      }
      if (i % 5 == 4) {
        System.gc();
      }
    }
    assertLostAtMost(1500 * MIB, before);
  }

  private static void assertLostAtMost(long bytes, long before) {
    long lost = before - freeBytes();
    assertTrue(lost <= bytes, "MiB that are gone: " + lost / MIB);
  }
}
