// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.SgdStep;
import io.sparkgrad.gpu.cuda.driver.DriverCounts;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import io.sparkgrad.nn.models.ResNet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerStepsTest {
  /** As many tensors as ResNet-18 trains, the large ones cut to a chunk and a bit. */
  private static final List<Integer> LENGTHS =
      ResNet.resnet18(10).parameters().stream().map(p -> (int) Math.min(4103, p.numel())).toList();

  private final EmulatedCudaDriver driver = EmulatedGpu.driver();
  private final Backend cuda = EmulatedGpu.backend(driver);

  private static List<Buffer> tensors(Backend backend, DType dtype, long seed) {
    return IntStream.range(0, LENGTHS.size())
        .mapToObj(i -> SideBySide.random(backend, dtype, 100 * seed + i, LENGTHS.get(i)))
        .toList();
  }

  private static List<Buffer> zeros(Backend backend, DType dtype) {
    return LENGTHS.stream().map(length -> backend.allocate(dtype, length)).toList();
  }

  private static List<Buffer> all(List<List<Buffer>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void sgdOfManyParameters(DType dtype) {
    new SideBySide(cuda)
        .agree(
            "SGD",
            SideBySide.tolerance(dtype),
            backend -> {
              List<Buffer> parameters = tensors(backend, dtype, 1);
              List<Buffer> momenta = zeros(backend, dtype);
              for (boolean first : List.of(true, false)) {
                var settings = new SgdStep(0.1, 0.9, 0.1, 0.01, true, false, first);
                backend.sgdStep(settings, parameters, tensors(backend, dtype, 2), momenta);
              }
              return all(List.of(parameters, momenta));
            });
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void adamOfManyParameters(DType dtype) {
    new SideBySide(cuda)
        .agree(
            "Adam",
            SideBySide.tolerance(dtype),
            backend -> {
              List<Buffer> parameters = tensors(backend, dtype, 1);
              List<Buffer> first = zeros(backend, dtype);
              List<Buffer> second = zeros(backend, dtype);
              List<Buffer> largest = zeros(backend, dtype);
              for (int step = 1; step <= 2; step++) {
                adam(backend, step, parameters, tensors(backend, dtype, 2), first, second, largest);
              }
              return all(List.of(parameters, first, second, largest));
            });
  }

  private static void adam(
      Backend backend,
      int step,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> first,
      List<Buffer> second,
      List<Buffer> largest) {
    var settings = new AdamStep(0.01, 0.9, 0.99, 1e-4, 0.1, true, true, step);
    backend.adamStep(settings, parameters, gradients, first, second, largest);
  }

  @Test
  @DisplayName("a warm step is one launch, without a copy or an allocation, also inside a scope")
  void warmStep() {
    List<Buffer> parameters = tensors(cuda, DType.FLOAT32, 1);
    List<Buffer> gradients = tensors(cuda, DType.FLOAT32, 2);
    List<Buffer> first = zeros(cuda, DType.FLOAT32);
    List<Buffer> second = zeros(cuda, DType.FLOAT32);
    try (BufferScope scope = BufferScope.open()) {
      adam(cuda, 1, parameters, gradients, first, second, List.of());
    }
    SideBySide.values(parameters.get(0));
    DriverCounts.Snapshot before = driver.counts();
    for (int step = 2; step <= 3; step++) {
      try (BufferScope scope = BufferScope.open()) {
        adam(cuda, step, parameters, gradients, first, second, List.of());
      }
    }
    SideBySide.values(parameters.get(0)); // waits for all
    DriverCounts.Snapshot after = driver.counts();
    assertEquals(1, before.kernels().get("adam_step_f32"));
    assertEquals(3, after.kernels().get("adam_step_f32"));
    assertEquals(before.launches() + 2, after.launches());
    assertEquals(before.bytesToDevice(), after.bytesToDevice());
    assertEquals(before.allocations(), after.allocations());
  }

  @Test
  @DisplayName("gradients that stand elsewhere are found there")
  void otherGradients() {
    Buffer parameter = SideBySide.buffer(cuda, DType.FLOAT32, 1, 2, 3);
    var settings = new SgdStep(1, 0, 0, 0, false, false, true);
    for (int i = 0; i < 12; i++) {
      Buffer gradient = SideBySide.buffer(cuda, DType.FLOAT32, i, 0, 1);
      cuda.sgdStep(settings, List.of(parameter), List.of(gradient), List.of());
    }
    assertEquals(1 - 66, SideBySide.values(parameter)[0]);
    assertEquals(3 - 12, SideBySide.values(parameter)[2]);
  }
}
