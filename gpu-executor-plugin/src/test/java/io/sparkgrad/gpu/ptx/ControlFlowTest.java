// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import org.junit.jupiter.api.Test;

class ControlFlowTest {
  private final Probes probes = new Probes("probes.ptx");

  @Test
  void loopsOfDifferentLengths() {
    long y = probes.memory().allocate(4 * 200);
    probes.launch("loops", 4, 50, 0, new Arguments().address(y));
    int[] steps = probes.ints(y, 200);
    for (int i = 0; i < 200; i++) {
      int expected = 0;
      for (int n = i + 1; n != 1; n = n % 2 == 0 ? n / 2 : 3 * n + 1) {
        expected++;
      }
      assertEquals(expected, steps[i], "from " + (i + 1));
    }
  }

  @Test
  void everyCaseOfASwitch() {
    int[] x = new int[32];
    int[] expected = new int[32];
    for (int i = 0; i < 32; i++) {
      int v = i % 8;
      x[i] = v;
      expected[i] =
          switch (v) {
            case 0 -> 3;
            case 1 -> 93;
            case 2 -> 0;
            case 3 -> 0xc0000000;
            case 4 -> 3 + 20;
            case 5 -> 3;
            default -> -v;
          };
    }
    long y = probes.put(new int[33]);
    probes.launch("cases", 1, 32, 0, new Arguments().address(probes.put(x)).address(y));
    assertArrayEquals(expected, probes.ints(y, 32));
    assertEquals(4, probes.ints(y, 33)[32]);
  }

  @Test
  void arraysInLocalMemoryByGenericAddress() {
    for (int k : new int[] {2, 5}) {
      float[] start = {1, 2, 3, 4, 5, 6, 7, 8};
      long y = probes.memory().allocate(4 * 40);
      probes.memory().copy(y, probes.put(start), 32);
      probes.launch("localArray", 1, 32, 0, new Arguments().address(y).i32(k));
      float[] got = probes.floats(y, 40);
      for (int t = 0; t < 32; t++) {
        float other = k > 3 ? start[1] * (t + 1) : start[3];
        assertEquals(start[(t + k) & 7] * (t + 1) + other, got[8 + t]);
      }
    }
  }

  @Test
  void structuresByValue() {
    long p = probes.put(10f, 20f, 30f, 40f, 50f, 60f, 70f, 80f);
    long y = probes.memory().allocate(4 * 8);
    Arguments arguments = new Arguments().i32(1000);
    for (int i = 1; i <= 5; i++) {
      arguments.f32(i);
    }
    probes.launch("byValue", 1, 8, 0, arguments.address(p).address(y).i32(2));
    float[] expected = {1013, 1024, 1035, 1041, 1052, 1063, 1074, 1085};
    assertArrayEquals(expected, probes.floats(y, 8));
  }

  @Test
  void variablesOfTheModuleOutliveALaunch() {
    long y = probes.memory().allocate(4 * 129);
    for (int launch = 0; launch < 2; launch++) {
      probes.launch("lastBlock", 4, 32, 0, new Arguments().address(y).i32(1));
      float[] got = probes.floats(y, 129);
      assertEquals(2.5f, got[0]);
      assertEquals(1.5f, got[127]);
      assertEquals(4, got[128]);
    }
    // They are no allocations of the caller.
    assertEquals(1, probes.memory().liveAllocations());
  }
}
