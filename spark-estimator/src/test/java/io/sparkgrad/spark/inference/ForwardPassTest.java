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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows through a device that has no memory for the first batches. */
class ForwardPassTest {
  private static final int WIDTH = 4;

  private final AtomicInteger failures = new AtomicInteger();
  private String failing = "linear";
  private final CountingBackend scarce =
      new CountingBackend(
          Backends.byName("java"),
          method -> {
            if (method.equals(failing) && failures.getAndDecrement() > 0) {
              throw new OutOfDeviceMemoryException("24 bytes wanted, 8 are free");
            }
          });
  private final List<Integer> pieces = new ArrayList<>();

  private Module network;

  private float[] run(OutOfMemory onOutOfMemory, int rows, int howOften) {
    try (var device = DefaultBackend.set(scarce.backend())) {
      if (network == null) {
        network = Mlp.create(WIDTH, 6, 3);
        network.eval();
      }
      float[] values = Tensor.randn(new Generator(2), rows, WIDTH).toFloatArray();
      pieces.clear();
      failures.set(howOften);
      return new ForwardPass(network, onOutOfMemory)
          .run(
              rows,
              (from, to) -> {
                pieces.add(to - from);
                float[] piece = Arrays.copyOfRange(values, from * WIDTH, to * WIDTH);
                return List.of(Tensor.of(piece, to - from, WIDTH));
              });
    }
  }

  @ParameterizedTest(name = "at {0}")
  @ValueSource(strings = {"allocate", "linear"})
  @DisplayName("split: the same rows in the same order, to the bit on the java backend")
  void halves(String method) {
    failing = method; // allocate fails in the upload
    float[] expected = run(OutOfMemory.FAIL, 7, 0);
    assertEquals(21, expected.length);
    assertArrayEquals(expected, run(OutOfMemory.SPLIT, 7, 1));
    assertEquals(List.of(7, 4, 3), pieces);
    assertArrayEquals(expected, run(OutOfMemory.SPLIT, 7, 2));
    assertEquals(List.of(7, 4, 2, 2, 2, 1), pieces);
  }

  @Test
  @DisplayName("what a failed piece took is free again")
  void givesBack() {
    run(OutOfMemory.SPLIT, 7, 0);
    for (int howOften = 0; howOften < 3; howOften++) {
      long before = scarce.liveBytes();
      run(OutOfMemory.SPLIT, 7, howOften);
      long rows = 7 * WIDTH * Float.BYTES; // of the test's own tensor
      assertEquals(rows, scarce.liveBytes() - before, howOften + " failures");
    }
  }

  @Test
  void failSaysHowManyRows() {
    var e = assertThrows(InputException.class, () -> run(OutOfMemory.FAIL, 7, 1));
    assertEquals(
        "inferenceBatchSize: a batch of 7 rows does not fit the device (24 bytes wanted, 8 are free); lower inferenceBatchSize or set onOutOfMemory=split.",
        e.getMessage());
  }

  @Test
  @DisplayName("split ends at two rows, since one is computed as one of two")
  void fewestRowsDoNotFit() {
    for (int rows : new int[] {1, 2, 7}) {
      var e = assertThrows(InputException.class, () -> run(OutOfMemory.SPLIT, rows, 1000));
      assertEquals(
          "inferenceBatchSize: a batch of %s does not fit the device (24 bytes wanted, 8 are free); use a smaller network, or give the device to fewer tasks."
              .formatted(rows == 1 ? "1 row" : "2 rows"),
          e.getMessage());
    }
  }
}
