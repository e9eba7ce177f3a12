// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.MaxPool2d;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.optim.AdamW;
import io.sparkgrad.optim.Optimizer;
import io.sparkgrad.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks that are trained on a GPU and on the {@code java} backend, from the same numbers. */
@Tag("gpu")
class GpuTrainingTest {
  private static final int BATCHES = 8;
  private static final int BATCH = 32;
  private static final int CLASSES = 10;
  private static final int SIDE = 32;
  private static final int PIXELS = 3 * SIDE * SIDE;

  /** The loss of each step over batches that come again and again. */
  static double[] losses(
      Backend backend,
      int steps,
      Supplier<Module> network,
      Function<Module, Optimizer<?>> optimizer) {
    Generator.current().manualSeed(1);
    Module module = network.get().to(backend);
    Optimizer<?> optim = optimizer.apply(module);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    List<Tensor> images = new ArrayList<>();
    List<Tensor> labels = new ArrayList<>();
    data(images, labels, backend);
    double[] losses = new double[steps];
    for (int i = 0; i < steps; i++) {
      try (var scope = TensorScope.open()) {
        optim.zeroGrad();
        Tensor loss =
            criterion.forward(module.call(images.get(i % BATCHES)), labels.get(i % BATCHES));
        loss.backward();
        optim.step();
        losses[i] = loss.item();
      }
    }
    return losses;
  }

  /** Images [32, 3, 32, 32] of noise, on each its class's own pattern. */
  private static void data(List<Tensor> images, List<Tensor> labels, Backend backend) {
    Generator generator = new Generator(2);
    float[] patterns = Tensor.randn(generator, CLASSES, PIXELS).toFloatArray();
    for (int b = 0; b < BATCHES; b++) {
      long[] classes = new long[BATCH];
      float[] pixels = Tensor.randn(generator, BATCH, PIXELS).toFloatArray();
      for (int i = 0; i < BATCH; i++) {
        classes[i] = generator.nextInt(CLASSES);
        for (int p = 0; p < PIXELS; p++) {
          pixels[i * PIXELS + p] += 0.1f * patterns[(int) classes[i] * PIXELS + p];
        }
      }
      images.add(Tensor.of(pixels, BATCH, 3, SIDE, SIDE).to(backend));
      labels.add(Tensor.of(classes).to(backend));
    }
  }

  private static Module cnn() {
    return SimpleCnn.create(3, SIDE, SIDE, CLASSES);
  }

  private static Module pooledCnn() {
    return Sequential.builder()
        .add("conv", new Conv2d(3, 16, 3, Conv2dOptions.DEFAULT.withPadding(1)))
        .add("bn", new BatchNorm2d(16))
        .add("relu", new ReLU())
        .add("pool", new MaxPool2d(2))
        .add("flatten", new Flatten())
        .add("fc", new Linear(16 * SIDE / 2 * SIDE / 2, CLASSES))
        .build();
  }

  /** Without momentum, which blows differences up: two CPU backends lie 2e-5 apart. */
  private static Optimizer<?> sgd(Module module) {
    return new SGD(module.parameters(), SGD.Options.DEFAULT.withLr(0.01));
  }

  private static Optimizer<?> adamW(Module module) {
    return new AdamW(module.parameters(), AdamW.DEFAULT.withLr(1e-4));
  }

  @ParameterizedTest
  @EnumSource(MatmulPrecision.class)
  @DisplayName("200 steps of SimpleCNN lose what they lose on the CPU")
  void simpleCnn(MatmulPrecision precision) {
    Backend gpu = Gpu.backend();
    double[] actual;
    try (var scope = MatmulPrecision.set(precision)) {
      actual = losses(gpu, 200, GpuTrainingTest::cnn, GpuTrainingTest::sgd);
    }
    double[] expected =
        losses(Backends.byName("java"), 200, GpuTrainingTest::cnn, GpuTrainingTest::sgd);
    assertArrayEquals(expected, actual, tolerance(precision), precision.toString());
    assertTrue(expected[199] < 0.1, "it learned: " + expected[199]);
  }

  private static double tolerance(MatmulPrecision precision) {
    return switch (precision) {
      case FP32 -> 2e-4;
      case TF32 -> 2e-2;
      case BF16 -> 1e-1;
    };
  }

  @Test
  void batchNormPoolingAndAdamW() {
    Backend gpu = Gpu.backend();
    double[] actual = losses(gpu, 100, GpuTrainingTest::pooledCnn, GpuTrainingTest::adamW);
    Backend java = Backends.byName("java");
    double[] expected = losses(java, 100, GpuTrainingTest::pooledCnn, GpuTrainingTest::adamW);
    assertArrayEquals(expected, actual, 2e-4);
  }

  @Test
  void resNet18() {
    Backend gpu = Gpu.backend();
    double[] actual = losses(gpu, 5, () -> ResNet.resnet18(CLASSES), GpuTrainingTest::sgd);
    Backend java = Backends.byName("java");
    double[] expected = losses(java, 5, () -> ResNet.resnet18(CLASSES), GpuTrainingTest::sgd);
    assertArrayEquals(expected, actual, 1e-3);
  }

  @Test
  @DisplayName("the same seed gives the same bits")
  void isDeterministic() {
    Backend gpu = Gpu.backend();
    double[] once = losses(gpu, 20, () -> ResNet.resnet18(CLASSES), GpuTrainingTest::adamW);
    double[] again = losses(gpu, 20, () -> ResNet.resnet18(CLASSES), GpuTrainingTest::adamW);
    assertArrayEquals(once, again);
  }
}
