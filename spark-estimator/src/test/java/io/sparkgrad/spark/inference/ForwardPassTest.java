// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DeviceSettings.OutOfMemory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Rows through a device that has no memory for the first batches. */
class ForwardPassTest {
  private final AtomicInteger failures = new AtomicInteger();
  private final CountingBackend scarce =
      new CountingBackend(
          Backends.byName("java"),
          method -> {
            if (method.equals("linear") && failures.getAndDecrement() > 0) {
              throw new OutOfDeviceMemoryException("24 bytes wanted, 8 are free");
            }
          });

  private Module network;

  private float[] run(OutOfMemory onOutOfMemory, int failing) {
    try (var device = DefaultBackend.set(scarce.backend())) {
      if (network == null) {
        network = Mlp.create(4, 6, 3);
        network.eval();
      }
      Tensor rows = Tensor.randn(new Generator(2), 7, 4);
      failures.set(failing);
      return new ForwardPass(network, onOutOfMemory).run(List.of(rows));
    }
  }

  @Test
  @DisplayName("split: the same rows in the same order, to the bit on the java backend")
  void halves() {
    float[] expected = run(OutOfMemory.FAIL, 0);
    assertEquals(21, expected.length);
    for (int failing : new int[] {1, 2, 3}) {
      assertArrayEquals(expected, run(OutOfMemory.SPLIT, failing), failing + " failures");
    }
  }

  @Test
  void failSaysHowManyRows() {
    var e = assertThrows(InputException.class, () -> run(OutOfMemory.FAIL, 1));
    assertEquals(
        "inferenceBatchSize: a batch of 7 rows does not fit the device (24 bytes wanted, 8 are free); lower inferenceBatchSize or set onOutOfMemory=split.",
        e.getMessage());
  }
}
