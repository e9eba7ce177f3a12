// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CooperationTest {
  private final Probes probes = new Probes("probes.ptx", DeviceMemory.Check.RACECHECK);

  @Test
  void shufflesVotesAndMatches() {
    int[] x = IntStream.range(0, 32).toArray();
    long y = probes.memory().allocate(4 * 288);
    probes.launch("shuffles", 1, 32, 0, new Arguments().address(probes.put(x)).address(y));
    int[] got = probes.ints(y, 288);
    for (int t = 0; t < 32; t++) {
      assertEquals(t + 3 < 32 ? t + 3 : t, got[t], "down");
      assertEquals(t % 16 >= 2 ? t - 2 : t, got[32 + t], "up in halves");
      assertEquals(t ^ 5, got[64 + t], "xor");
      assertEquals(t / 8 * 8 + 6, got[96 + t], "by index in eights");
      assertEquals(0xfffff800, got[128 + t], "ballot");
      assertEquals(2, got[160 + t], "any and all");
      assertEquals(0xf << (t / 4 * 4), got[192 + t], "match any");
      assertEquals(0, got[224 + t], "match all, and its predicate: -1 + 1");
      int inHalf = t % 2 == 0 ? (t + 2 < 32 ? t + 2 : t) + 16 : t ^ 2;
      assertEquals(inHalf, got[256 + t], "among half of the warp");
    }
  }

  @Test
  void sumsOverABlock() {
    float[] x = new float[512];
    double[] expected = new double[2];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 37;
      expected[i / 256] += x[i];
    }
    long y = probes.memory().allocate(8);
    probes.launch("blockSum", 2, 256, 0, new Arguments().address(probes.put(x)).address(y));
    assertArrayEquals(new float[] {(float) expected[0], (float) expected[1]}, probes.floats(y, 2));
  }

  @Test
  void transposesThroughDynamicSharedMemory() {
    int n = 20;
    float[] x = new float[n * n];
    float[] expected = new float[n * n];
    for (int i = 0; i < n * n; i++) {
      x[i] = i;
      expected[i % n * n + i / n] = i;
    }
    long y = probes.memory().allocate(4L * n * n);
    Arguments arguments = new Arguments().address(probes.put(x)).address(y).i32(n);
    probes.launch("transposed", Dim3.of(1), Dim3.of(n, n), 4 * n * (n + 1), arguments);
    assertArrayEquals(expected, probes.floats(y, n * n));
  }

  @Test
  void barriersThatCount() {
    int[] x = new int[100];
    x[3] = 5;
    x[99] = 100;
    long y = probes.memory().allocate(400);
    probes.launch("barrierCounts", 1, 100, 0, new Arguments().address(probes.put(x)).address(y));
    for (int got : probes.ints(y, 100)) {
      assertEquals(2 * 4 + 2 + 1, got);
    }
  }

  @Test
  void atomicOperations() {
    int[] start = new int[16 + 64];
    start[3] = -1;
    start[8] = 7;
    start[10] = -9;
    long y = probes.put(start);
    long f = probes.put(1f);
    long d = probes.put(1.0);
    long u = probes.put(ByteBuffer.allocate(8));
    Arguments arguments = new Arguments().address(y).address(f).address(d).address(u);
    probes.launch("atomics", 1, 64, 0, arguments);
    int[] got = probes.ints(y, 80);
    int[] expected = {2016, 63, -63, 0, -1, 0, 64 % 5, wrappedDown(), 8 + 56, 63, -5, -16};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], got[i], "y[" + i + "]");
    }
    // Lanes take their turns in order, so each gets what the one before left.
    assertEquals(62, got[16 + 63]);
    assertEquals(33f, probes.floats(f, 1)[0]);
    assertEquals(2017.0, probes.doubles(d, 1)[0]);
    assertEquals(64L << 33, probes.get(u, 8).getLong());
  }

  private static int wrappedDown() {
    int value = 0;
    for (int i = 0; i < 64; i++) {
      value = value == 0 ? 9 : value - 1;
    }
    return value;
  }

  @Test
  void memoryOfAllWidths() {
    byte[] x = new byte[1024];
    for (int i = 0; i < x.length; i++) {
      x[i] = (byte) (i * 37);
    }
    ByteBuffer bytes = ByteBuffer.wrap(x).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    long y = probes.memory().allocate(4096);
    long from = probes.put(bytes.duplicate());
    probes.launch("widths", 1, 32, 0, new Arguments().address(from).address(y));
    ByteBuffer got = probes.get(y, 4096);
    for (int t = 0; t < 32; t++) {
      assertEquals(bytes.getLong(16 * t + 8), got.getLong(16 * t + 8));
      assertEquals(bytes.getLong(8 * t), got.getLong(512 + 8 * t));
      assertEquals((short) (bytes.getShort(2 * t) * 3), got.getShort(1024 + 2 * t));
      assertEquals((short) ((bytes.getShort(2 * t) & 0xffff) / 3), got.getShort(1280 + 2 * t));
      assertEquals((byte) (x[t] / 2), got.get(1536 + t));
      assertEquals((byte) ((x[t] & 0xff) / 2), got.get(1792 + t));
      assertEquals(x[t], got.getLong(2048 + 8 * t));
      assertEquals((double) bytes.getLong(8 * t), got.getDouble(2560 + 8 * t));
    }
  }
}
