// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.LayerNormGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Calls that need a workspace, on a device that has memory for that but not for the result. */
class WorkspaceTest {
  private static final int MIB = 1 << 20;
  private static final int SEGMENT = 2 * MIB;

  /** Elements that two blocks share. */
  private static final int MANY = 2 * 4096;

  private final CudaBackend cuda =
      EmulatedGpu.backend(
          new EmulatedCudaDriver(75, SEGMENT, EmulatedCudaDriver.Work.AT_ONCE), false);
  private final DeviceMemory memory = cuda.memory();

  private Buffer numbers(int length) {
    Buffer buffer = cuda.allocate(DType.FLOAT32, length);
    cuda.fill(buffer, 0.5);
    return buffer;
  }

  private Buffer result(int length) {
    return BufferScope.own(cuda.allocate(DType.FLOAT32, length));
  }

  /** Runs a call with room for one block of memory more each time, until it comes through. */
  private void leavesNothingBehind(int blocks, Runnable call) {
    long before = memory.usage().used();
    int failures = 0;
    for (int room = 0; room < blocks; room++) {
      List<Long> others = fill(room * DeviceMemory.ALIGNMENT);
      long used = memory.usage().used();
      try (var scope = BufferScope.open()) {
        call.run();
      } catch (OutOfDeviceMemoryException e) {
        failures++;
      }
      assertEquals(used, memory.usage().used(), "with room for %d blocks".formatted(room));
      others.forEach(memory::give);
    }
    assertTrue(failures >= 2, "there is no room for the workspace, then none for a result");
    try (var scope = BufferScope.open()) {
      call.run();
    }
    assertEquals(before, memory.usage().used());
  }

  private List<Long> fill(long room) {
    List<Long> taken = new ArrayList<>();
    long left = SEGMENT - memory.usage().used() - room;
    while (left > 0) {
      long piece = Math.min(left, MIB);
      taken.add(memory.take(piece));
      left -= piece;
    }
    return taken;
  }

  @Test
  void reduction() {
    Buffer x = numbers(MANY);
    leavesNothingBehind(
        2, () -> cuda.reduce(ReduceKernel.SUM, x, Shape.of(MANY), new boolean[] {true}, result(1)));
  }

  @Test
  @DisplayName("batch norm, statistics and gradient")
  void batchNorm() {
    var geometry = new BatchNormGeometry(2, 1, MANY / 128, 64, 1e-5, true);
    Buffer x = numbers(MANY);
    Buffer one = numbers(1);
    leavesNothingBehind(
        3, () -> cuda.batchNorm(geometry, x, null, null, result(1), result(1), result(MANY)));
    leavesNothingBehind(
        2,
        () -> cuda.batchNormGradient(geometry, x, null, one, one, x, null, result(1), result(1)));
  }

  @Test
  void layerNormGradient() {
    var geometry = new LayerNormGeometry(128, 4, 1e-5);
    Buffer x = numbers(512);
    Buffer ofRows = numbers(128);
    leavesNothingBehind(
        2,
        () ->
            cuda.layerNormGradient(
                geometry, x, null, ofRows, ofRows, x, null, result(4), result(4)));
  }

  @Test
  void splitProduct() {
    var geometry = new MatmulGeometry(1, 4, 4, MANY, false, false, false, false);
    Buffer a = numbers(4 * MANY);
    leavesNothingBehind(6, () -> cuda.matmul(geometry, a, a, result(16)));
  }
}
