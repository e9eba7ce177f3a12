// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver.Work;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import io.sparkgrad.gpu.ptx.DeviceFault;
import io.sparkgrad.gpu.ptx.Probes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class EmulatedCudaDriverTest {
  private static final int N = 100;

  private final EmulatedCudaDriver driver = new EmulatedCudaDriver();

  private static KernelLaunch launch(CudaDriver on, String entry, Arguments arguments) {
    long function = on.function(on.loadModule("probes", Probes.text("probes.ptx")), entry);
    return new KernelLaunch(function, entry, Dim3.of(1), Dim3.of(128), 0, arguments);
  }

  private static KernelLaunch doubled(CudaDriver on, long x) {
    return launch(on, "doubled", new Arguments().address(x).i32(N));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static void fails(int status, Executable call) {
    assertEquals(status, assertThrows(CudaException.class, call).status());
  }

  @Test
  void copiesRunsAndCounts() {
    long stream = driver.createStream();
    long x = driver.allocate(4 * N);
    ByteBuffer host = direct(4 * N);
    for (int i = 0; i < N; i++) {
      host.putFloat(4 * i, i);
    }
    driver.copyToDevice(host, x, stream);
    driver.launch(doubled(driver, x), stream);
    driver.copyToHost(x, host, stream);
    driver.synchronize(stream);
    assertEquals(198, host.getFloat(4 * 99));
    DriverCounts.Snapshot counts = driver.counts();
    assertEquals(1, counts.launches());
    assertEquals(1, counts.allocations());
    assertEquals(1, counts.synchronizations());
    assertEquals(4 * N, counts.bytesToDevice());
    assertEquals(Map.of("doubled", 1), counts.kernels());
  }

  @Test
  void lazyWorkWaitsForASynchronization() {
    EmulatedCudaDriver lazy = new EmulatedCudaDriver(75, 1 << 20, Work.LAZY);
    long stream = lazy.createStream();
    long x = lazy.allocate(4 * N);
    ByteBuffer host = lazy.allocatePinned(4 * N);
    host.putFloat(0, 3);
    lazy.copyToDevice(host, x, stream);
    lazy.launch(doubled(lazy, x), stream);
    lazy.copyToHost(x, host, stream);
    assertEquals(3, host.getFloat(0));
    lazy.synchronize(stream);
    assertEquals(6, host.getFloat(0));
  }

  @Test
  void aStreamWaitsForAnEventOfAnother() {
    EmulatedCudaDriver lazy = new EmulatedCudaDriver(75, 1 << 20, Work.LAZY);
    long copies = lazy.createStream();
    long kernels = lazy.createStream();
    long event = lazy.createEvent();
    long x = lazy.allocate(4 * N);
    ByteBuffer host = lazy.allocatePinned(4 * N);
    host.putFloat(0, 3);
    lazy.copyToDevice(host, x, copies);
    lazy.record(event, copies);
    lazy.waitFor(event, kernels);
    lazy.launch(doubled(lazy, x), kernels);
    lazy.copyToHost(x, host, kernels);
    lazy.synchronize(kernels);
    assertEquals(6, host.getFloat(0));
    assertTrue(lazy.isDone(event));
    lazy.fill(x, (byte) 0, 4 * N, copies);
    lazy.record(event, copies);
    assertFalse(lazy.isDone(event));
    assertTrue(lazy.isDone(event));
  }

  @Test
  void aGraphRepeatsItsLaunchesWithNewArguments() {
    long stream = driver.createStream();
    long x = driver.allocate(4 * N);
    long y = driver.allocate(4 * N);
    driver.fill(x, (byte) 0x40, 4 * N, stream);
    driver.fill(y, (byte) 0x40, 4 * N, stream);
    long graph = driver.createGraph(List.of(doubled(driver, x), doubled(driver, x)));
    driver.launchGraph(graph, stream);
    driver.updateGraph(graph, 1, doubled(driver, y));
    driver.launchGraph(graph, stream);
    ByteBuffer host = direct(4);
    float start = Float.intBitsToFloat(0x40404040);
    driver.copyToHost(x, host, stream);
    assertEquals(8 * start, host.getFloat(0));
    driver.copyToHost(y, host, stream);
    assertEquals(2 * start, host.getFloat(0));
    fails(1, () -> driver.updateGraph(graph, 2, doubled(driver, y)));
    assertEquals(2, driver.counts().graphLaunches());
    driver.destroyGraph(graph);
    fails(400, () -> driver.launchGraph(graph, stream));
  }

  @Test
  void freedAndForeignThingsAreRefused() {
    long stream = driver.createStream();
    long x = driver.allocate(256);
    fails(1, () -> driver.free(x + 16));
    driver.free(x);
    fails(1, () -> driver.free(x));
    fails(1, () -> driver.fill(x, (byte) 0, 16, stream));
    fails(1, () -> driver.copyToHost(x, direct(4), stream));
    fails(1, () -> driver.copyToHost(x, ByteBuffer.allocate(4), stream));
    fails(1, () -> driver.freePinned(direct(4)));
    fails(400, () -> driver.synchronize(7));
    fails(400, () -> driver.record(driver.createEvent(), stream + 1));
    fails(500, () -> launch(driver, "missing", new Arguments()));
    fails(218, () -> driver.loadModule("broken", ".visible .entry k() { frobnicate; }"));
    driver.close();
    fails(4, () -> driver.allocate(1));
  }

  @Test
  void memoryEnds() {
    EmulatedCudaDriver small = new EmulatedCudaDriver(75, 1000, Work.AT_ONCE);
    long x = small.allocate(600);
    CudaException e = assertThrows(CudaException.class, () -> small.allocate(600));
    assertTrue(e.isOutOfMemory());
    small.free(x);
    small.allocate(600);
    assertEquals(400, small.memory().free());
  }

  @Test
  void nothingWorksAfterAnIllegalAddress() {
    long stream = driver.createStream();
    long x = driver.allocate(4 * (N - 1));
    CudaException e =
        assertThrows(CudaException.class, () -> driver.launch(doubled(driver, x), stream));
    assertTrue(e.isFatal());
    assertInstanceOf(DeviceFault.class, e.getCause());
    fails(700, () -> driver.allocate(4));
  }
}
