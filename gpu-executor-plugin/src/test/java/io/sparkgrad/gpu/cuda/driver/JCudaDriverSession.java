// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.BackendException;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** What {@link JCudaDriverTest} runs in a process of its own. */
final class JCudaDriverSession {
  private final FakeLog log;
  private final JCudaDriver driver = JCudaDriver.open(1);
  private final long stream = driver.createStream();
  private final long memory = driver.allocate(1024);

  private JCudaDriverSession(FakeLog log) throws IOException {
    this.log = log;
    log.assertLines("retain 1", "current 101", "stream flags 1", "alloc 1024");
  }

  /** Says {@code all well} in the end. */
  public static void main(String[] arguments) throws IOException {
    System.load(arguments[1]);
    JCudaDriverSession session = new JCudaDriverSession(new FakeLog(arguments[0]));
    session.describes();
    session.copies();
    session.orders();
    session.launches();
    session.refuses();
    session.driver.close();
    System.out.println("all well");
  }

  private void describes() {
    assertEquals(
        new DeviceProperties(
            "Fake GPU 1", 86, 46, 101376, "GPU-01020304-0506-0708-090a-0b0c0d0e0f10", 12_040),
        driver.device());
    assertEquals(new CudaDriver.MemoryInfo(3_000_000_000L, 8_000_000_000L), driver.memory());
  }

  private void copies() throws IOException {
    ByteBuffer pinned = driver.allocatePinned(64);
    for (int i = 0; i < 16; i++) {
      pinned.putInt(4 * i, 100 + i);
    }
    driver.fill(memory, (byte) 0, 1024, stream);
    driver.copyToDevice(pinned.position(8).limit(24), memory + 4, stream);
    driver.copyOnDevice(memory, memory + 512, 64, stream);
    ByteBuffer back = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    driver.copyToHost(memory + 512, back.position(16).limit(40), stream);
    int[] expected = {0, 0, 0, 0, 0, 102, 103, 104, 105, 0, 0};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], back.clear().getInt(4 * i));
    }
    log.assertLines("H2D 16 in stream 7");
    driver.freePinned(pinned);
    log.assertLines("free host");
    assertThrows(BackendException.class, () -> driver.freePinned(pinned));
  }

  private void orders() throws IOException {
    long done = driver.createEvent();
    long notDone = driver.createEvent();
    driver.record(done, stream);
    driver.waitFor(notDone, stream);
    driver.synchronizeEvent(done);
    driver.synchronize(stream);
    assertTrue(driver.isDone(done));
    assertFalse(driver.isDone(notDone));
    log.assertLines(
        "event flags 2", "event flags 2", "event 70 in stream 7", "stream 7 waits for 71");
  }

  private void launches() throws IOException {
    long module = driver.loadModule("m", ".version 7.0");
    long f = driver.function(module, "f");
    long g = driver.function(module, "g");
    var first = new Arguments().address(memory).i32(5).f64(1.5);
    driver.launch(
        new KernelLaunch(f, "f", new Dim3(1, 2, 3), new Dim3(4, 5, 6), 60_000, first), stream);
    ByteBuffer word = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
    driver.copyToHost(memory, word, stream);
    assertEquals(42, word.getInt(0));
    String bytes = " 05 00 00 00 00 00 00 00 00 00 00 00 00 00 f8 3f";
    log.assertLines("f attribute 8 = 60000", "f 1,2,3 4,5,6 shared 60000 stream 7:" + bytes);
    long graph =
        driver.createGraph(
            List.of(
                new KernelLaunch(f, "f", Dim3.of(7), Dim3.of(8), 0, first),
                launchOf(g, 9, new Arguments().address(memory + 512).i64(-1))));
    driver.launchGraph(graph, stream);
    driver.updateGraph(graph, 1, launchOf(g, 11, new Arguments().address(memory).i64(77)));
    driver.launchGraph(graph, stream);
    driver.destroyGraph(graph);
    log.assertLines(
        "node f after 0: 0",
        "node g after 1: 1",
        "f 7,1,1 8,1,1 shared 0 stream 7:" + bytes,
        "g 9,1,1 10,2,1 shared 16 stream 7: ff ff ff ff ff ff ff ff",
        "f 7,1,1 8,1,1 shared 0 stream 7:" + bytes,
        "g 11,1,1 10,2,1 shared 16 stream 7: 4d 00 00 00 00 00 00 00",
        "destroy graph");
    KernelLaunch refused = launchOf(g, 999, new Arguments().address(memory));
    assertMessage(
        "CUDA: cuGraphAddKernelNode of g with a grid of 999x1x1 blocks of 10x2x1 threads and 16 bytes of shared memory failed: CUDA_ERROR_OUT_OF_MEMORY (2), out of memory",
        () -> driver.createGraph(List.of(launchOf(g, 1, refused.arguments()), refused)));
    log.assertLines("node g after 0: 0", "node g after 1: 1", "destroy graph");
    assertMessage(
        "CUDA: expected a graph of this driver, got number 1, which was destroyed.",
        () -> driver.launchGraph(graph, stream));
    assertMessage(
        "CUDA: expected a stream of this driver, got number 9, which it never gave out.",
        () -> driver.synchronize(9));
    var freed = driver.allocate(256);
    driver.free(freed);
    log.assertLines("alloc 256", "free");
    assertMessage(
        "CUDA: g was given address 0x%x, expected live device memory; it was freed before, or is of another device."
            .formatted(freed),
        () -> driver.launch(launchOf(g, 1, new Arguments().address(freed)), stream));
    assertMessage(
        "CUDA: g was given address 0x%x, expected live device memory; it was freed before, or is of another device."
            .formatted(memory + 1024),
        () -> driver.launch(launchOf(g, 1, new Arguments().address(memory + 1024)), stream));
    assertMessage(
        "CUDA: free was given address 0x%x, expected live device memory; it was freed before, or is of another device."
            .formatted(freed),
        () -> driver.free(freed));
    assertMessage(
        "CUDA: cuModuleGetFunction of none failed: CUDA_ERROR_NOT_FOUND (500), an unknown status",
        () -> driver.function(module, "none"));
  }

  private static KernelLaunch launchOf(long function, int blocks, Arguments arguments) {
    return new KernelLaunch(function, "g", Dim3.of(blocks), Dim3.of(10, 2), 16, arguments);
  }

  private void refuses() {
    assertMessage(
        "CUDA: cuMemAlloc of 1099511627776 bytes failed: CUDA_ERROR_OUT_OF_MEMORY (2), out of memory",
        () -> driver.allocate(1L << 40));
    assertMessage(
        "CUDA: cuModuleLoadDataEx of m (line 1: bad) failed: CUDA_ERROR_INVALID_PTX (218), a PTX JIT compilation failed",
        () -> driver.loadModule("m", "bad"));
    assertMessage(
        "CUDA: cuDeviceGet of device 2 failed: CUDA_ERROR_INVALID_DEVICE (101), an unknown status",
        () -> JCudaDriver.open(2));
    var busy = assertThrows(CudaException.class, () -> JCudaDriver.open(0));
    assertEquals(
        "CUDA: cuDevicePrimaryCtxRetain of device 0 failed: CUDA_ERROR_DEVICE_UNAVAILABLE (46), an unknown status; another process may have the GPU for itself: end it, or let processes share the GPU (nvidia-smi -c DEFAULT)",
        busy.getMessage());
    assertMessage(
        "CUDA: cuMemsetD8Async was given 1025 bytes at 0x%x, expected live device memory; it was freed before, or is of another device."
            .formatted(memory),
        () -> driver.fill(memory, (byte) 0, 1025, stream));
  }

  private static void assertMessage(String expected, Executable call) {
    assertEquals(expected, assertThrows(RuntimeException.class, call).getMessage());
  }
}
