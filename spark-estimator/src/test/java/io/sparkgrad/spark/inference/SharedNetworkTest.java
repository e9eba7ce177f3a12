// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SharedNetworkTest {
  private static final int THREADS = 4;
  private static final int[] BATCHES = {1, 2, 7, 16};

  @Test
  @DisplayName("four threads at once put rows through one module to the same bits as one thread")
  void concurrentForwardPasses() throws Exception {
    // A new module in each round: its weights are first converted for the backend by the threads.
    for (int round = 0; round < 10; round++) {
      same(() -> SimpleCnn.create(3, 8, 8, 10), round);
    }
    same(() -> ResNet.resnet18(10), 1);
  }

  private static void same(Supplier<Module> architecture, long seed) throws Exception {
    List<float[]> expected = outputs(TestNetworks.shared(architecture, seed).module());
    SharedNetwork network = TestNetworks.shared(architecture, seed);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<List<float[]>>> results = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        results.add(
            pool.submit(
                () -> {
                  start.await();
                  return outputs(network.module());
                }));
      }
      for (Future<List<float[]>> result : results) {
        for (int i = 0; i < BATCHES.length; i++) {
          assertArrayEquals(expected.get(i), result.get().get(i), "batch of " + BATCHES[i]);
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static List<float[]> outputs(Module module) {
    ForwardPass forward = new ForwardPass(module, OutOfMemory.FAIL);
    List<float[]> outputs = new ArrayList<>();
    for (int rows : BATCHES) {
      outputs.add(
          forward.run(
              rows, (from, to) -> List.of(Tensor.randn(new Generator(rows), rows, 3, 8, 8))));
    }
    return outputs;
  }

  @Test
  @DisplayName("a network that was first asked for in a scope is of use when that has closed")
  void outlivesTheScope() {
    SharedNetwork network = TestNetworks.shared(() -> ResNet.resnet18(10), 1);
    List<float[]> inside;
    try (var scope = TensorScope.open()) {
      inside = outputs(network.module());
    }
    List<float[]> after = outputs(network.module());
    for (int i = 0; i < BATCHES.length; i++) {
      assertArrayEquals(inside.get(i), after.get(i), "batch of " + BATCHES[i]);
    }
  }

  @Test
  @DisplayName("a network that does not fit the device is no matter of batches")
  void doesNotFit() {
    SharedNetwork network = TestNetworks.shared(TestNetworks::mlp, 1);
    var full =
        new CountingBackend(
            Backends.byName("java"),
            method -> {
              if (method.equals("allocate")) {
                throw new OutOfDeviceMemoryException("24 bytes wanted, 8 are free");
              }
            });
    var e = assertThrows(BackendException.class, () -> network.module(full.backend()));
    assertEquals(
        "network: its weights do not fit the device (24 bytes wanted, 8 are free); use a smaller network, or give the device to fewer tasks.",
        e.getMessage());
  }

  @Test
  void isBuiltOnce() {
    SharedNetwork network = TestNetworks.shared(TestNetworks::mlp, 1);
    assertSame(network.module(), network.module());
  }
}
