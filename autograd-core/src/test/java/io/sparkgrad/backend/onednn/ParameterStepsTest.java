// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.SgdStep;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ParameterStepsTest {
  private static final SgdStep SGD = new SgdStep(0.1, 0.9, 0, 0.01, true, false, false);
  private static final AdamStep ADAM = new AdamStep(0.1, 0.9, 0.99, 1e-8, 0.01, true, false, 3);
  private static final Format COLUMNS =
      Format.ofStrides(new long[] {300, 301}, new long[] {1, 300});

  /** Native and of two pieces, native and small, in a Java array. */
  private static final int[] LENGTHS = {300 * 301, 3000, 7};

  private final OneDnnBackend backend = backend(Slices.Least.DEFAULT);

  private static OneDnnBackend backend(Slices.Least least) {
    return new OneDnnBackend(new OneDnnBackend.Thresholds(2048, 8192, least));
  }

  private static List<Buffer> buffers(OneDnnBackend backend, int number) {
    List<Buffer> buffers = new ArrayList<>();
    for (int length : LENGTHS) {
      float[] values = new float[length];
      for (int i = 0; i < length; i++) {
        values[i] = (float) Math.abs(Math.sin(number + i));
      }
      Buffer buffer = backend.allocate(DType.FLOAT32, length);
      backend.upload(values, buffer);
      buffers.add(buffer);
    }
    return buffers;
  }

  /** Parameters and states after a step of SGD and one of Adam. */
  private static List<float[]> steps(OneDnnBackend backend, List<List<Buffer>> operands) {
    backend.sgdStep(SGD, operands.get(0), operands.get(1), operands.get(2));
    backend.adamStep(
        ADAM, operands.get(0), operands.get(1), operands.get(2), operands.get(3), List.of());
    List<float[]> results = new ArrayList<>();
    for (List<Buffer> operand : operands) {
      for (Buffer b : operand) {
        float[] values = new float[(int) b.length()];
        backend.download(b, values);
        results.add(values);
      }
    }
    return results;
  }

  private static List<List<Buffer>> operands(OneDnnBackend backend) {
    return List.of(
        buffers(backend, 0), buffers(backend, 1), buffers(backend, 2), buffers(backend, 3));
  }

  private static void assertEqual(List<float[]> expected, List<float[]> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "result " + i);
    }
  }

  @Test
  @DisplayName("a parameter and its state take the layout of the gradient and keep their numbers")
  void layouts() {
    List<float[]> expected = steps(backend, operands(backend));
    List<List<Buffer>> blocked = operands(backend);
    NativeBuffer gradient = (NativeBuffer) blocked.get(1).get(0);
    gradient.update(COLUMNS);
    List<float[]> actual = steps(backend, blocked);
    assertEqual(expected, actual);
    List<List<Buffer>> again = operands(backend);
    ((NativeBuffer) again.get(1).get(0)).update(COLUMNS);
    backend.sgdStep(SGD, again.get(0), again.get(1), again.get(2));
    assertSame(COLUMNS, ((NativeBuffer) again.get(0).get(0)).current());
    assertSame(COLUMNS, ((NativeBuffer) again.get(2).get(0)).current());
  }

  @Test
  @DisplayName("several threads give the bits of one")
  void threads() {
    List<float[]> expected = steps(backend, operands(backend));
    OneDnnBackend sliced = backend(new Slices.Least(1, 1, 1, 1));
    for (int threads = 2; threads <= 4; threads++) {
      try (var scope = CpuThreads.setNumThreads(threads)) {
        assertEqual(expected, steps(sliced, operands(sliced)));
      }
    }
  }
}
