// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import io.sparkgrad.gpu.ptx.DeviceMemory.Check;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.Mlp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Batches through a network, of which the next is begun before the outputs of one are awaited. */
class EmulatedInferenceTest {
  private static final int BATCHES = 6;
  private static final int WIDTH = 40;

  private static EmulatedCudaDriver driver(EmulatedCudaDriver.Work work) {
    return new EmulatedCudaDriver(80, 1L << 30, work, Check.INITCHECK, Check.RACECHECK);
  }

  private static Readback begin(Module network, Backend backend, int batch) {
    try (var mode = GradMode.noGrad();
        var scope = TensorScope.open()) {
      Tensor rows = Tensor.randn(new Generator(batch), 5, WIDTH).to(backend);
      return network.call(rows).readback();
    }
  }

  private static List<float[]> outputs(CudaBackend backend, int ahead) {
    Generator.current().manualSeed(1);
    Module network = Mlp.create(WIDTH, 30, 3).to(backend);
    network.eval();
    List<float[]> outputs = new ArrayList<>();
    Deque<Readback> begun = new ArrayDeque<>();
    for (int batch = 0; batch < BATCHES; batch++) {
      begun.add(begin(network, backend, batch));
      if (begun.size() > ahead) {
        outputs.add(begun.remove().floats());
      }
    }
    begun.forEach(readback -> outputs.add(readback.floats()));
    return outputs;
  }

  @Test
  @DisplayName("the bits of one after the other, one wait for each, and no more memory for tensors")
  void sameBits() {
    CudaBackend one = EmulatedGpu.backend(driver(EmulatedCudaDriver.Work.AT_ONCE));
    List<float[]> expected = outputs(one, 0);
    for (boolean graphs : new boolean[] {true, false}) {
      EmulatedCudaDriver late = driver(EmulatedCudaDriver.Work.LAZY);
      CudaBackend two = EmulatedGpu.backend(late, graphs);
      List<float[]> actual = outputs(two, 1);
      assertEquals(BATCHES, late.counts().synchronizations());
      assertEquals(one.metrics().peakBytes(), two.metrics().peakBytes());
      for (int batch = 0; batch < BATCHES; batch++) {
        assertArrayEquals(expected.get(batch), actual.get(batch));
      }
    }
  }
}
