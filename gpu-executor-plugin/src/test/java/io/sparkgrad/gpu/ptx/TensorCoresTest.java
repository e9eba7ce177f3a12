// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorCoresTest {
  private final Probes probes = new Probes("tensor_probes.ptx");

  /** Small integers and halves, which every format holds exactly; no two lines are alike. */
  private static float[] matrix(int elements, int seed) {
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = ((i * 7 + i / 8 * 3 + seed) % 31 - 15) / 2f;
    }
    return values;
  }

  private static float[] product(float[] a, float[] b, int m, int n, int k) {
    float[] c = new float[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < k; l++) {
          c[i * n + j] += a[i * k + l] * b[l * n + j];
        }
      }
    }
    return c;
  }

  private static float[] transposed(float[] x, int rows, int columns) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i % columns * rows + i / columns] = x[i];
    }
    return y;
  }

  private long putHalves(float[] values, Type type) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putShort((short) Halves.narrow(value, type));
    }
    return probes.put(bytes.flip());
  }

  private float[] run(String entry, long a, long b, int elements) {
    long c = probes.memory().allocate(4L * elements);
    probes.launch(entry, 1, 32, 0, new Arguments().address(a).address(b).address(c));
    return probes.floats(c, elements);
  }

  @Test
  void wmmaOfTf32() {
    float[] a = matrix(128, 1);
    float[] b = matrix(128, 2);
    float[] c = run("wmmaTf32", probes.put(a), probes.put(transposed(b, 8, 16)), 256);
    float[] expected = product(a, b, 16, 16, 8);
    for (int i = 0; i < 256; i++) {
      assertEquals(expected[i] + 1, c[i]);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void wmmaOfHalves(Type type) {
    float[] a = matrix(256, 1);
    float[] b = matrix(256, 2);
    String entry = type == Type.BF16 ? "wmmaBf16" : "wmmaF16";
    float[] c = run(entry, putHalves(a, type), putHalves(b, type), 256);
    assertArrayEquals(transposed(product(a, b, 16, 16, 16), 16, 16), c);
  }

  @Test
  void wmmaWantsAlignedMatrices() {
    long a = putHalves(matrix(300, 1), Type.BF16);
    DeviceFault e = assertThrows(DeviceFault.class, () -> run("wmmaBf16", a + 16, a, 256));
    assertTrue(e.getMessage().contains("at a multiple of 32 bytes"), e.getMessage());
  }

  @Test
  void mmaOfTf32CutsTheLowBits() {
    float[] a = matrix(128, 1);
    float[] b = matrix(64, 2);
    float[] expected = product(a, b, 16, 8, 8);
    for (int i = 0; i < a.length; i++) {
      a[i] = Float.intBitsToFloat(Float.floatToRawIntBits(a[i]) | 0x1fff);
    }
    assertArrayEquals(expected, run("mmaTf32", probes.put(a), probes.put(b), 128));
  }

  @Test
  void mmaOfBf16ThroughSharedMemory() {
    float[] a = matrix(256, 1);
    float[] b = matrix(128, 2);
    assertArrayEquals(product(a, b, 16, 8, 16), mmaBf16(a, b, 1));
  }

  /** Shared memory holds NaNs until the copies are waited for. */
  @Test
  void aMissingWaitForAsynchronousCopiesShows() {
    assertTrue(Float.isNaN(mmaBf16(matrix(256, 1), matrix(128, 2), 0)[0]));
  }

  private float[] mmaBf16(float[] a, float[] b, int wait) {
    long c = probes.memory().allocate(4 * 128);
    Arguments arguments =
        new Arguments()
            .address(putHalves(a, Type.BF16))
            .address(putHalves(b, Type.BF16))
            .address(c)
            .i32(wait);
    probes.launch("mmaBf16", 1, 32, 0, arguments);
    return probes.floats(c, 128);
  }

  @Test
  void allLanesMustTakePart() {
    long a = probes.put(matrix(256, 1));
    Arguments arguments = new Arguments().address(a).address(a).address(a);
    DeviceFault e =
        assertThrows(DeviceFault.class, () -> probes.launch("mmaTf32", 1, 31, 0, arguments));
    assertEquals(DeviceFault.Kind.SYNCCHECK, e.kind());
  }

  @Test
  void halvesRoundOnce() {
    float[] x = new float[32];
    for (int i = 0; i < 32; i++) {
      x[i] = (float) Math.scalb(Math.sin(3 * i + 1) * (1 + 1e-3 * i), i % 9 - 4);
    }
    x[30] = 0;
    long y = probes.memory().allocate(4 * 192);
    probes.launch("halves", 1, 32, 0, new Arguments().address(probes.put(x)).address(y));
    float[] got = probes.floats(y, 192);
    for (int i = 0; i < 32; i++) {
      double v = x[i];
      double w = x[(i + 1) % 32];
      double bv = rounded(v, 8);
      double bw = rounded(w, 8);
      double hv = rounded(v, 11);
      double hw = rounded(w, 11);
      assertEquals(bv, got[i], "bf16 " + v);
      assertEquals(hv, got[32 + i], "f16 " + v);
      assertEquals(rounded(bv * bw + 1, 8), got[64 + i], "fma of bf16 " + v);
      assertEquals(rounded(hv + hw, 11), got[96 + i], "add of f16 " + v);
      assertEquals((float) bv - (float) bw, got[128 + i], "pair of bf16 " + v);
      float pair = (float) rounded(hv * hw, 11) + (float) rounded(hw * hw, 11);
      assertEquals(pair, got[160 + i], "pair of f16 " + v);
    }
  }

  /** To so many significant bits, ties to even; within the range of the values used here. */
  private static double rounded(double x, int bits) {
    double unit = Math.scalb(1.0, Math.max(Math.getExponent(x), -14) - bits + 1);
    return Math.rint(x / unit) * unit;
  }

  @Test
  void aShortCopyEndsInZeros() {
    float[] x = matrix(128, 5);
    long y = probes.memory().allocate(4 * 128);
    float[] whole = new float[128];
    System.arraycopy(x, 0, whole, 0, 103);
    // The source has no more than the 103 floats that may be read.
    float[] part = new float[103];
    System.arraycopy(x, 0, part, 0, 103);
    Arguments arguments = new Arguments().address(probes.put(part)).address(y).i32(103);
    probes.launch("copiesPart", 1, 32, 0, arguments);
    assertArrayEquals(whole, probes.floats(y, 128));
  }
}
