// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.backend.PendingCopy;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.gpu.cuda.driver.DriverCounts;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On an emulated GPU that does nothing before somebody waits for it. */
class TransfersTest {
  private final EmulatedCudaDriver driver =
      new EmulatedCudaDriver(75, 1L << 30, EmulatedCudaDriver.Work.LAZY);
  private final CudaBackend backend = EmulatedGpu.backend(driver, true);

  @ParameterizedTest
  @EnumSource(DType.class)
  void moreThanOnePiece(DType dtype) {
    int length = 2 * Staging.PIECE / dtype.bytes() + 3;
    double[] values = new double[length];
    Arrays.setAll(values, i -> i % 7 < 3 ? 1 : 0);
    Buffer buffer = backend.allocate(dtype, length);
    backend.upload(values, buffer);
    double[] back = new double[length];
    backend.download(buffer, back);
    assertArrayEquals(values, back);
    GpuDevice.Snapshot metrics = backend.metrics();
    assertEquals(CudaBuffer.bytes(dtype, length), metrics.bytesToDevice());
    assertEquals(metrics.bytesToDevice(), metrics.bytesToHost());
  }

  @Test
  @DisplayName("uploads that run ahead of the device, into memory that changes hands")
  void manyUploadsBeforeAnyIsDone() {
    List<Buffer> kept = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      try (var scope = BufferScope.open()) {
        Buffer passing = BufferScope.own(backend.allocate(DType.FLOAT32, 100));
        backend.upload(numbers(i), passing);
        Buffer buffer = backend.allocate(DType.FLOAT32, 100);
        backend.upload(numbers(1000 + i), buffer);
        kept.add(buffer);
      }
    }
    for (int i = 0; i < 40; i++) {
      float[] back = new float[100];
      backend.download(kept.get(i), back);
      assertArrayEquals(numbers(1000 + i), back);
    }
  }

  @Test
  @DisplayName("uploads take the memory that tensors have left, and else say how much there is")
  void uploadsToADeviceThatIsFull() {
    EmulatedCudaDriver small =
        new EmulatedCudaDriver(75, 4 * Staging.PIECE, EmulatedCudaDriver.Work.LAZY);
    CudaBackend full = EmulatedGpu.backend(small);
    Buffer buffer = full.allocate(DType.FLOAT32, 100);
    full.fill(buffer, 0);
    long most = full.memory().take(3 * Staging.PIECE);
    for (int i = 0; i < 2; i++) {
      var e = assertThrows(OutOfDeviceMemoryException.class, () -> full.upload(numbers(7), buffer));
      assertTrue(
          e.getMessage().startsWith("CUDA out of memory: tried to allocate 4194304 bytes, "),
          e.getMessage());
    }
    assertEquals(0, small.counts().pinnedAllocations());
    full.memory().give(most);
    full.upload(numbers(7), buffer);
    float[] back = new float[100];
    full.download(buffer, back);
    assertArrayEquals(numbers(7), back);
  }

  @Test
  @DisplayName("uploads do with one piece where the device has no memory for a second")
  void oneStagingPiece() {
    EmulatedCudaDriver small =
        new EmulatedCudaDriver(75, 4 * Staging.PIECE, EmulatedCudaDriver.Work.LAZY);
    CudaBackend full = EmulatedGpu.backend(small);
    List<Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      buffers.add(full.allocate(DType.FLOAT32, 100));
    }
    full.fill(buffers.get(0), 0); // a segment for all of them
    full.memory().take(2 * Staging.PIECE);
    for (int i = 0; i < 10; i++) {
      full.upload(numbers(i), buffers.get(i));
    }
    assertEquals(1, small.counts().pinnedAllocations());
    for (int i = 0; i < 10; i++) {
      float[] back = new float[100];
      full.download(buffers.get(i), back);
      assertArrayEquals(numbers(i), back);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"allocatePinned", "createEvent"})
  @DisplayName(
      "a host without memory to page-lock loses no memory of the device, and does with less")
  void hostThatIsFull(String call) {
    var faulty = new FaultyDriver(driver);
    CudaBackend full = EmulatedGpu.backend(faulty.driver());
    Buffer buffer = full.allocate(DType.FLOAT32, 100);
    full.fill(buffer, 0);
    full.memory().release();
    long live = driver.liveBytes();
    long held = full.metrics().heldBytes();
    faulty.fail(call, 1);
    var e = assertThrows(BackendException.class, () -> full.upload(numbers(7), buffer));
    assertEquals(
        "cuda: no page-locked host memory for copies to and from the GPU, of which at least 4194304 bytes are needed (CUDA: "
            + call
            + " failed: CUDA_ERROR_OUT_OF_MEMORY (2), out of memory); leave the executor more memory outside of its heap: a larger spark.executor.memoryOverhead, fewer executors on this host, or a smaller heap.",
        e.getMessage());
    assertEquals(live, driver.liveBytes());
    assertEquals(held, full.metrics().heldBytes());
    full.upload(numbers(1), buffer);
    int pieces = driver.counts().pinnedAllocations();
    faulty.fail(call, Integer.MAX_VALUE);
    full.upload(numbers(2), buffer); // in turn, since the device is not done with the first
    faulty.fail(call, 0);
    full.upload(numbers(3), buffer);
    assertEquals(pieces, driver.counts().pinnedAllocations());
    float[] back = new float[100];
    full.download(buffer, back);
    assertArrayEquals(numbers(3), back);
  }

  @Test
  @DisplayName("a device without memory for staging gives what is asked for later at once")
  void readbacksFromADeviceThatIsFull() {
    EmulatedCudaDriver small =
        new EmulatedCudaDriver(75, 5 * Staging.PIECE, EmulatedCudaDriver.Work.LAZY);
    CudaBackend full = EmulatedGpu.backend(small);
    Buffer buffer = full.allocate(DType.FLOAT32, 100);
    full.upload(numbers(7), buffer);
    full.memory().take(2 * Staging.PIECE);
    List<Readback> pending = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      pending.add(full.downloadLater(buffer)); // one piece is left, which the first one holds
    }
    assertEquals(3, small.counts().pinnedAllocations(), "up, later, and at once");
    pending.forEach(readback -> assertArrayEquals(numbers(7), readback.floats()));
  }

  @Test
  @DisplayName("a copy that nobody awaits gives its page-locked memory back")
  void abandonedCopies() throws InterruptedException {
    EmulatedCudaDriver prompt =
        new EmulatedCudaDriver(75, 1L << 30, EmulatedCudaDriver.Work.AT_ONCE);
    CudaBackend own = EmulatedGpu.backend(prompt, true);
    Buffer buffer = own.allocate(DType.FLOAT32, 100);
    own.upload(numbers(7), buffer);
    float[] back = new float[100];
    for (int i = 0; i < 200; i++) {
      own.downloadLater(List.of(buffer), new int[] {0}, back);
    }
    int pieces = prompt.counts().pinnedAllocations();
    long deadline = System.nanoTime() + 60_000_000_000L;
    int synchronizations;
    do {
      System.gc();
      Thread.sleep(20);
      synchronizations = prompt.counts().synchronizations();
      own.downloadLater(List.of(buffer), new int[] {0}, back);
    } while (prompt.counts().synchronizations() > synchronizations && System.nanoTime() < deadline);
    assertEquals(synchronizations, prompt.counts().synchronizations());
    assertEquals(pieces, prompt.counts().pinnedAllocations());
  }

  private static float[] numbers(int first) {
    float[] values = new float[100];
    for (int i = 0; i < values.length; i++) {
      values[i] = first + i;
    }
    return values;
  }

  @Test
  @DisplayName("one number is no copy")
  void aScalarIsAnArgument() {
    Buffer scalar = backend.allocate(DType.INT64, 1);
    backend.upload(new long[] {(1L << 60) + 1}, scalar);
    assertEquals((1L << 60) + 1, readByKernel(scalar));
    assertEquals(0, driver.counts().bytesToDevice());
  }

  /** From the device, whatever the host may know. */
  private long readByKernel(Buffer buffer) {
    CudaBuffer.of(buffer).address();
    long[] back = new long[(int) buffer.length()];
    backend.download(buffer, back);
    return back[0];
  }

  @Test
  @DisplayName("integers that the host has just written are not asked of the device")
  void integersAreRemembered() {
    Buffer labels = backend.allocate(DType.INT64, 3);
    Buffer count = backend.allocate(DType.INT64, 1);
    backend.upload(new double[] {3, 1, 2.5}, labels);
    backend.fill(count, 7);
    long[] values = new long[3];
    double[] counted = {0};
    backend.download(labels, values);
    backend.download(count, counted);
    assertArrayEquals(new long[] {3, 1, 2}, values);
    assertEquals(7, counted[0]);
    assertEquals(0, driver.counts().bytesToHost());
    assertEquals(3, readByKernel(labels));
    assertEquals(7, readByKernel(count));
    assertEquals(4 * 8, driver.counts().bytesToHost());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void severalThreads(boolean graphs) {
    CudaBackend shared =
        EmulatedGpu.backend(
            new EmulatedCudaDriver(75, 1L << 28, EmulatedCudaDriver.Work.LAZY), graphs);
    List<Boolean> equal =
        IntStream.range(0, 200)
            .parallel()
            .mapToObj(
                i -> {
                  Buffer buffer = shared.allocate(DType.FLOAT32, 100);
                  shared.upload(numbers(i), buffer);
                  float[] back = new float[100];
                  shared.download(buffer, back);
                  shared.fill(buffer, i);
                  float[] filled = new float[100];
                  shared.download(buffer, filled);
                  return Arrays.equals(numbers(i), back) && filled[99] == i;
                })
            .toList();
    assertEquals(List.of(), equal.stream().filter(e -> !e).toList());
  }

  @Test
  @DisplayName("a warm step allocates nothing, waits once, and starts one graph")
  void warmStep() {
    List<DriverCounts.Snapshot> counts = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      assertEquals(10 + i, step(backend, i));
      counts.add(driver.counts());
    }
    for (int i = 3; i < 5; i++) {
      DriverCounts.Snapshot before = counts.get(i - 1);
      DriverCounts.Snapshot after = counts.get(i);
      assertEquals(before.allocations(), after.allocations());
      assertEquals(before.pinnedAllocations(), after.pinnedAllocations());
      assertEquals(before.synchronizations() + 1, after.synchronizations());
      assertEquals(before.launches(), after.launches(), "none outside the graph");
      assertEquals(before.graphLaunches() + 1, after.graphLaunches());
      assertEquals(before.graphUpdates() + 1, after.graphUpdates(), "the number that differs");
    }
    GpuDevice.Snapshot metrics = backend.metrics();
    assertEquals(4, metrics.graphLaunches());
    assertEquals(3, metrics.graphUpdates());
    assertEquals(5 * 4, metrics.launches());
  }

  @Test
  void graphsChangeNothing() {
    CudaBackend plain = EmulatedGpu.backend(new EmulatedCudaDriver(), false);
    for (int i = 0; i < 5; i++) {
      assertEquals(step(plain, i), step(backend, i));
    }
    assertEquals(0, plain.metrics().graphLaunches());
    assertEquals(5 * 4, plain.metrics().launches());
  }

  /** Four kernels, of which the last two write the result. */
  private static double step(CudaBackend backend, int i) {
    try (var scope = BufferScope.open()) {
      Buffer a = BufferScope.own(backend.allocate(DType.FLOAT32, 1000));
      Buffer b = BufferScope.own(backend.allocate(DType.FLOAT64, 500));
      backend.fill(a, 1);
      backend.fill(b, 2);
      Buffer c = BufferScope.own(backend.allocate(DType.FLOAT32, 3));
      backend.fill(c, 3);
      backend.fill(c, 10 + i);
      float[] result = new float[3];
      backend.download(c, result);
      return result[2];
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  @DisplayName("a readback has the values from before, and waits for nothing until it is asked")
  void readback(DType dtype) {
    Buffer x = backend.allocate(dtype, 2);
    int before = driver.counts().synchronizations();
    List<Readback> pending = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      backend.fill(x, i % 2);
      pending.add(backend.downloadLater(x));
    }
    backend.fill(x, 7);
    assertEquals(before, driver.counts().synchronizations());
    for (int i = 4; i >= 0; i--) {
      assertArrayEquals(new double[] {i % 2, i % 2}, pending.get(i).doubles());
      assertArrayEquals(new float[] {i % 2, i % 2}, pending.get(i).floats());
    }
    assertEquals(before + 5, driver.counts().synchronizations());
  }

  @Test
  @DisplayName("as many readbacks as one likes, of any length")
  void manyReadbacks() {
    float[] values = new float[Staging.PIECE];
    values[Staging.PIECE - 1] = 3;
    Buffer large = backend.allocate(DType.FLOAT32, Staging.PIECE);
    backend.upload(values, large);
    assertEquals(3, backend.downloadLater(large).floats()[Staging.PIECE - 1]);
    Buffer x = backend.allocate(DType.FLOAT64, 3);
    List<Readback> pending = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      backend.fill(x, i);
      pending.add(backend.downloadLater(x));
    }
    for (int i = 0; i < 80; i++) {
      assertEquals(i, pending.get(i).doubles()[2]);
    }
  }

  @Test
  @DisplayName("buffers of several pieces up and back: nobody waits, in a warm step nothing is new")
  void severalBuffers() {
    int[] lengths = {5, Staging.PIECE / Float.BYTES, 3, Staging.PIECE / 3};
    int[] offsets = new int[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    float[] values = new float[offsets[lengths.length]];
    float[] back = new float[values.length];
    List<Buffer> buffers =
        Arrays.stream(lengths).mapToObj(n -> backend.allocate(DType.FLOAT32, n)).toList();
    DriverCounts.Snapshot warm = driver.counts();
    for (int step = 0; step < 4; step++) {
      Arrays.fill(values, step);
      values[offsets[2]] = 10 + step;
      backend.upload(values, offsets, buffers);
      PendingCopy copy = backend.downloadLater(buffers, offsets, back);
      backend.upload(new float[values.length], offsets, buffers);
      int before = driver.counts().synchronizations();
      copy.await();
      assertArrayEquals(values, back);
      int pieces = 3;
      assertEquals(before + pieces, driver.counts().synchronizations());
      warm = step == 1 ? driver.counts() : warm;
    }
    assertEquals(warm.allocations(), driver.counts().allocations());
    assertEquals(warm.pinnedAllocations(), driver.counts().pinnedAllocations());
  }

  @Test
  @DisplayName("more sequences than are kept, each twice")
  void forgetsGraphs() {
    for (int kernels = 3; kernels < 80; kernels++) {
      for (int turn = 0; turn < 2; turn++) {
        Buffer x = backend.allocate(DType.FLOAT32, 2);
        for (int k = 0; k < kernels; k++) {
          backend.fill(x, k);
        }
        double[] back = new double[2];
        backend.download(x, back);
        assertEquals(kernels - 1, back[1]);
      }
    }
    assertEquals(77, backend.metrics().graphLaunches());
  }
}
