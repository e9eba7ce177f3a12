// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.backend.SoftmaxKernel;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceMemoryTest {
  private static final int MIB = 1 << 20;

  private static final DeviceSettings ALL_MEMORY = DeviceSettings.DEFAULT.withMemory(1, 0, 0);

  private final EmulatedCudaDriver driver = driver(64 * MIB);
  private final CudaBackend backend = new CudaBackend("cuda", driver, ALL_MEMORY);
  private final DeviceMemory memory = backend.memory();

  private static EmulatedCudaDriver driver(long bytes) {
    return new EmulatedCudaDriver(75, bytes, EmulatedCudaDriver.Work.LAZY);
  }

  @Test
  void smallRequestsShareSegmentsAndLargeOnesHaveTheirOwn() {
    List<Long> small = List.of(memory.take(0), memory.take(1), memory.take(MIB));
    assertEquals(2 * MIB, memory.usage().held());
    small.forEach(memory::give);
    memory.give(memory.take(12 * MIB + 1));
    assertEquals(new DeviceMemory.Usage(16 * MIB, 0, 12 * MIB + 512, 2, 2), memory.usage());
    memory.release();
    assertEquals(0, memory.usage().held());
    assertEquals(0, driver.liveBytes());
  }

  @Test
  void refusesWhatIsNotInUse() {
    long address = memory.take(1000);
    memory.give(address);
    assertEquals(
        "device memory: expected the address of a block in use, got 0x%x; it was given back before, or is of another device."
            .formatted(address),
        assertThrows(BackendException.class, () -> memory.give(address)).getMessage());
  }

  @Test
  void idleSegmentsMakeRoom() {
    memory.give(memory.take(30 * MIB));
    memory.give(memory.take(MIB));
    assertNotEquals(0, memory.take(50 * MIB));
    assertEquals(50 * MIB, memory.usage().held());
  }

  /** A request that does not fill its segment does without the rest of it. */
  @Test
  void theLastMegabytesCount() {
    long most = memory.take(60 * MIB);
    assertNotEquals(0, memory.take(3 * MIB));
    memory.give(most);
  }

  @Test
  void unreachableTensorsMakeRoom() {
    for (int i = 0; i < 12; i++) {
      backend.fill(backend.allocate(DType.FLOAT32, 4 * MIB), 1);
    }
    assertTrue(memory.usage().used() <= 64 * MIB);
  }

  @Test
  void whoAsksForTooMuchIsToldWhatThereIs() {
    memory.take(20 * MIB);
    memory.give(memory.take(600));
    long kept = memory.take(512);
    var e = assertThrows(OutOfDeviceMemoryException.class, () -> memory.take(44 * MIB));
    assertEquals(
        "CUDA out of memory: tried to allocate 46137344 bytes, 44040192 of 67108864 are free on Emulated GPU, of which this process may hold 67108864; tensors hold 20972032, 2096640 more are reserved, of which the largest piece is 2096640; use a smaller batch, or a TensorScope around each step."
            .replace("44040192", String.valueOf(64 * MIB - driver.liveBytes())),
        e.getMessage());
    memory.give(kept);
    assertNotEquals(0, memory.take(44 * MIB));
  }

  @Test
  void aTensorOfAScopeThatClosedIsRefused() {
    Buffer gone;
    try (var scope = BufferScope.open()) {
      gone = BufferScope.own(backend.allocate(DType.FLOAT32, 10));
      backend.fill(gone, 1);
    }
    assertEquals(0, memory.usage().used());
    assertThrows(BackendException.class, () -> backend.download(gone, new double[10]));
  }

  @Test
  void aTensorOfAnotherBackendIsRefused() {
    Buffer host = Backends.byName("java").allocate(DType.FLOAT32, 1);
    assertEquals(
        "cuda: expected a tensor on the GPU, got one of backend java; move it there with to(...).",
        assertThrows(BackendException.class, () -> backend.fill(host, 1)).getMessage());
  }

  @Test
  void aProcessHasNoMoreThanItsShare() {
    EmulatedCudaDriver shared = driver(64 * MIB);
    var settings = DeviceSettings.DEFAULT.withMemory(0.5, 4 * MIB, 0); // 30 MiB
    DeviceMemory half = new CudaBackend("cuda", shared, settings).memory();
    half.give(half.take(12 * MIB));
    half.give(half.take(14 * MIB));
    assertEquals(26 * MIB, half.usage().held());
    half.give(half.take(24 * MIB)); // in the place of those two
    assertEquals(24 * MIB, half.usage().held());
    var e = assertThrows(OutOfDeviceMemoryException.class, () -> half.take(31 * MIB));
    assertEquals(
        "CUDA out of memory: tried to allocate 32505856 bytes, 67108864 of 67108864 are free on Emulated GPU, of which this process may hold 31457280; tensors hold 0, 0 more are reserved, of which the largest piece is 0; use a smaller batch, or a TensorScope around each step.",
        e.getMessage());
  }

  @Test
  void saysWhereMemoryInUseWasTaken() {
    DeviceMemory watched = watched().memory();
    List<Long> taken = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      taken.add(watched.take(1));
    }
    watched.give(taken.remove(0));
    assertEquals(1, watched.inUse().size());
    String leak = watched.inUse().get(0).toString();
    assertTrue(
        leak.startsWith("1024 bytes in 2 pieces, allocated\n")
            && leak.contains("DeviceMemoryTest.saysWhereMemoryInUseWasTaken"),
        leak);
    assertEquals(List.of(), watched.collectedLeaks());
  }

  @Test
  void tellsWhatTheGarbageCollectorFoundFromWhatItsOwnerGave() {
    CudaBackend watched = watched();
    try (var scope = BufferScope.open()) {
      watched.fill(BufferScope.own(watched.allocate(DType.FLOAT32, 10)), 1);
    }
    Buffer kept = dropTwoOfThree(watched);
    List<Leak> leaks = new ArrayList<>();
    for (int i = 0; i < 40 && leaks.stream().mapToInt(Leak::pieces).sum() < 2; i++) {
      leaks.addAll(watched.collectedLeaks());
    }
    assertEquals(2, leaks.stream().mapToInt(Leak::pieces).sum(), leaks::toString);
    assertTrue(
        leaks.get(0).toString().contains("DeviceMemoryTest.dropTwoOfThree"), leaks::toString);
    assertEquals(List.of(), watched.collectedLeaks());
    assertEquals(1, watched.inUse().get(0).pieces());
    watched.fill(kept, 2);
  }

  private static Buffer dropTwoOfThree(CudaBackend backend) {
    Buffer[] last = new Buffer[1];
    for (int i = 0; i < 3; i++) {
      last[0] = backend.allocate(DType.FLOAT32, 10);
      backend.fill(last[0], 1);
    }
    return last[0];
  }

  private static CudaBackend watched() {
    return new CudaBackend("cuda", driver(64 * MIB), ALL_MEMORY.withDebugLeaks(true));
  }

  /** The driver needs memory for a module, or for a kernel if it loads modules lazily. */
  @ParameterizedTest
  @ValueSource(strings = {"loadModule", "function"})
  void kernelsTakeThePlaceOfWhatThePoolDoesNotUse(String call) {
    var faulty = new FaultyDriver(driver);
    CudaBackend full = new CudaBackend("cuda", faulty.driver(), ALL_MEMORY);
    full.memory().give(full.memory().take(30 * MIB));
    Buffer x = full.allocate(DType.FLOAT32, 3);
    faulty.fail(call, 1);
    full.fill(x, 1);
    full.axpy(1, x, x);
    float[] values = new float[3];
    full.download(x, values);
    assertArrayEquals(new float[] {2, 2, 2}, values);
    assertTrue(full.metrics().heldBytes() < 30 * MIB, () -> full.metrics().toString());
    faulty.fail(call, 2);
    assertEquals(
        "CUDA: "
            + call
            + " failed: CUDA_ERROR_OUT_OF_MEMORY (2), out of memory, also after the pool gave back what it did not use; use a smaller batch, or a TensorScope around each step.",
        assertThrows(
                OutOfDeviceMemoryException.class,
                () -> full.softmaxLastAxis(SoftmaxKernel.SOFTMAX, x, 1, 3, x))
            .getMessage());
  }

  @Test
  void nothingIsRememberedUnlessSomebodyAsks() {
    memory.take(1);
    assertEquals(List.of(), memory.inUse());
    assertEquals(List.of(), memory.collectedLeaks());
  }
}
