// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.gpu.cuda.driver.DriverCounts;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import io.sparkgrad.gpu.ptx.DeviceMemory.Check;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.GELU;
import io.sparkgrad.nn.LayerNorm;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.MaxPool2d;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.loss.BCELoss;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.CrossEntropyOptions;
import io.sparkgrad.optim.AdamW;
import io.sparkgrad.optim.GradientClipping;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A network trained by the kernels' PTX and by the {@code java} backend, from the same numbers. */
class EmulatedTrainingTest {
  private static final int BATCH = 4;
  private static final int SIDE = 8;

  private static EmulatedCudaDriver driver(EmulatedCudaDriver.Work work) {
    return new EmulatedCudaDriver(80, 1L << 30, work, Check.INITCHECK, Check.RACECHECK);
  }

  private static Module network() {
    Module network =
        Sequential.builder()
            .add("conv1", new Conv2d(3, 8, 3, Conv2dOptions.DEFAULT.withPadding(1)))
            .add("bn", new BatchNorm2d(8))
            .add("relu", new ReLU())
            .add("pool", new MaxPool2d(2))
            .add("conv2", new Conv2d(8, 6, 3, Conv2dOptions.DEFAULT.withPadding(1)))
            .add("gelu", new GELU())
            .add("flatten", new Flatten())
            .add("norm", new LayerNorm(6 * SIDE / 2 * SIDE / 2))
            .add("drop", new Dropout(0.1))
            .add("fc", new Linear(6 * SIDE / 2 * SIDE / 2, 5))
            .build();
    network.freeze(
        List.of("conv1.bias")); // batch norm takes it away: its gradient is rounding alone
    return network;
  }

  /** By classes that do not count alike and, beside that, by a probability of each. */
  private static UnaryOperator<Tensor> loss(Backend backend) {
    Tensor labels = Tensor.of(new long[] {0, 4, 2, 1}).to(backend);
    Tensor weight = Tensor.of(new float[] {1, 2, 0.5f, 1, 3}).to(backend);
    Tensor each = Tensor.rand(new Generator(3), BATCH, 5).to(backend);
    var byClass = new CrossEntropyLoss(CrossEntropyOptions.DEFAULT.withWeight(weight));
    var byEach = new BCELoss();
    return output -> byClass.forward(output, labels).add(byEach.forward(output.sigmoid(), each));
  }

  /** The parameters after some steps. */
  private static List<float[]> train(Backend backend, int steps, IntConsumer afterStep) {
    Generator.current().manualSeed(1);
    Module network = network().to(backend);
    AdamW optimizer =
        new AdamW(
            network.parameters().stream().filter(Tensor::requiresGrad).toList(),
            AdamW.DEFAULT.withLr(1e-3));
    Tensor images = Tensor.randn(new Generator(2), BATCH, 3, SIDE, SIDE).to(backend);
    UnaryOperator<Tensor> loss = loss(backend);
    for (int step = 1; step <= steps; step++) {
      try (var scope = TensorScope.open()) {
        optimizer.zeroGrad();
        loss.apply(network.call(images)).backward();
        GradientClipping.clipGradNorm(network.parameters(), 1);
        optimizer.step();
      }
      afterStep.accept(step);
    }
    return network.parameters().stream().map(Tensor::toFloatArray).toList();
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual, float tolerance) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), tolerance, "parameter " + i);
    }
  }

  @Test
  @DisplayName("the weights of the java backend but for rounding")
  void equalsJava() {
    List<float[]> expected = train(Backends.byName("java"), 3, step -> {});
    CudaBackend cuda = EmulatedGpu.backend(driver(EmulatedCudaDriver.Work.AT_ONCE));
    // AdamW moves by 1e-3 a step whatever the gradient's size, so small gradients magnify rounding.
    assertSame(expected, train(cuda, 3, step -> {}), 2e-5f);
  }

  @Test
  @DisplayName("the same bits with graphs and without, and when work is done as late as it may be")
  void sameBits() {
    List<float[]> expected =
        train(EmulatedGpu.backend(driver(EmulatedCudaDriver.Work.AT_ONCE), false), 4, step -> {});
    for (boolean graphs : new boolean[] {true, false}) {
      CudaBackend lazy = EmulatedGpu.backend(driver(EmulatedCudaDriver.Work.LAZY), graphs);
      assertSame(expected, train(lazy, 4, step -> {}), 0);
    }
  }

  @Test
  @DisplayName("a warm step allocates nothing and runs in graphs")
  void warmStep() {
    EmulatedCudaDriver driver = driver(EmulatedCudaDriver.Work.AT_ONCE);
    CudaBackend cuda = EmulatedGpu.backend(driver);
    DriverCounts.Snapshot[] after = new DriverCounts.Snapshot[7];
    GpuDevice.Snapshot[] pool = new GpuDevice.Snapshot[7];
    train(
        cuda,
        6,
        step -> {
          after[step] = driver.counts();
          pool[step] = cuda.metrics();
        });
    assertEquals(after[4].allocations(), after[6].allocations());
    assertEquals(after[4].pinnedAllocations(), after[6].pinnedAllocations());
    assertEquals(pool[4].poolMisses(), pool[6].poolMisses());
    assertTrue(pool[6].poolHits() > pool[4].poolHits());
    assertTrue(after[6].graphLaunches() > after[4].graphLaunches());
  }

  @Test
  @DisplayName(
      "a step waits for nothing: no norm of gradients, weight of a class, probability or count of batches")
  void waitsForNothing() {
    EmulatedCudaDriver driver = driver(EmulatedCudaDriver.Work.AT_ONCE); // uploads find no queue
    int[] waited = new int[5];
    train(
        EmulatedGpu.backend(driver), 4, step -> waited[step] = driver.counts().synchronizations());
    assertEquals(0, waited[4]);
  }

  @Test
  @DisplayName("a step in a scope leaves nothing to the garbage collector")
  void givesBack() {
    CudaBackend cuda =
        new CudaBackend(
            "cuda",
            driver(EmulatedCudaDriver.Work.AT_ONCE),
            DeviceSettings.DEFAULT.withDebugLeaks(true));
    List<Leak> collected = new ArrayList<>();
    train(
        cuda,
        3,
        step -> {
          List<Leak> leaks = cuda.collectedLeaks();
          if (step > 1) { // the first one finds what made the network and moved it here
            collected.addAll(leaks);
          }
        });
    assertEquals(List.of(), collected);
    assertTrue(cuda.inUse().size() > 0);
  }
}
