// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import io.sparkgrad.gpu.cuda.driver.EmulatedCudaDriver;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Two threads on one GPU, as two tasks of an executor, each with a number that it doubles. */
class LaunchQueueTest {
  private static final String ENTRY = "unary_scale_f32";

  private final FaultyDriver faulty =
      new FaultyDriver(new EmulatedCudaDriver(75, 1 << 20, EmulatedCudaDriver.Work.LAZY));
  private final CudaDriver driver = faulty.driver();
  private final long stream = driver.createStream();
  private final LaunchQueue queue = new LaunchQueue(driver, stream, true);
  private final long scale = scale();
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() {
    other.shutdownNow();
  }

  private long scale() {
    try (InputStream in =
        Objects.requireNonNull(Kernels.class.getResourceAsStream("kernels/elementwise.sm75.ptx"))) {
      String ptx = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return driver.function(driver.loadModule("elementwise", ptx), ENTRY);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteBuffer number() {
    return ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
  }

  /** The address of a 1. */
  private long one() {
    long address = driver.allocate(256);
    driver.copyToDevice(number().putFloat(0, 1), address, stream);
    return address;
  }

  private void twice(long address, int times) {
    for (int i = 0; i < times; i++) {
      var arguments = new Arguments().address(address).address(address).i64(1).f32(2);
      queue.launch(new KernelLaunch(scale, ENTRY, Dim3.of(1), Dim3.of(32), 0, arguments));
    }
  }

  private float value(long address) {
    queue.flush();
    ByteBuffer number = number();
    driver.copyToHost(address, number, stream);
    return number.getFloat(0);
  }

  @Test
  @DisplayName("kernels that another thread could not start are their own thread's failure")
  void failureOfTheOther() throws Exception {
    long own = one();
    long others = one();
    other.submit(() -> twice(others, 3)).get();
    faulty.fail("launch", 1);
    twice(own, 3);
    assertEquals(8, value(own));
    Future<Float> result = other.submit(() -> value(others));
    var e = assertThrows(ExecutionException.class, result::get);
    assertEquals(2, ((CudaException) e.getCause()).status());
    assertEquals(8, other.submit(() -> value(own)).get(), "once");
  }

  @Test
  @DisplayName("threads that take turns get no graphs, and one that is alone gets them again")
  void turns() throws Exception {
    long own = one();
    long others = one();
    for (int step = 1; step <= 4; step++) {
      twice(own, 4);
      other.submit(() -> twice(others, 4)).get();
      twice(own, 4);
      assertEquals(Math.pow(2, 8 * step), value(own));
      assertEquals(Math.pow(2, 4 * step), other.submit(() -> value(others)).get(), 0);
    }
    assertEquals(0, queue.counts().graphLaunches());
    for (int step = 0; step < 3; step++) {
      twice(own, 8);
      assertEquals(Math.pow(2, 40 + 8 * step), value(own));
    }
    assertEquals(2, queue.counts().graphLaunches());
  }

  @Test
  @DisplayName("kernels start one by one where there is no memory to start their graph")
  void noMemoryForTheGraph() {
    long own = one();
    faulty.fail("launchGraph", 1);
    for (int step = 1; step <= 4; step++) {
      twice(own, 3);
      assertEquals(Math.pow(8, step), value(own));
    }
    assertEquals(2, queue.counts().graphLaunches());
  }
}
