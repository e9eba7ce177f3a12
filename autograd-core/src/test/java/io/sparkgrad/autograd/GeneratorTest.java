// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  @Test
  void theSameSeedGivesTheSameNumbersAndAStateContinues() {
    Generator a = new Generator(42);
    Generator b = new Generator(42);
    assertEquals(a.nextLong(), b.nextLong());
    assertNotEquals(new Generator(43).nextLong(), new Generator(42).nextLong());
    a.nextGaussian();
    long state = a.state();
    double next = a.nextDouble();
    b.setState(state);
    assertEquals(next, b.nextDouble());
    b.manualSeed(42);
    assertEquals(new Generator(42).nextLong(), b.nextLong());
  }

  @Test
  void distributions() {
    Generator g = new Generator(1);
    int n = 20_000;
    double sum = 0;
    double squares = 0;
    int[] counts = new int[7];
    for (int i = 0; i < n; i++) {
      double u = g.nextDouble();
      assertTrue(u >= 0 && u < 1);
      double z = g.nextGaussian();
      sum += z;
      squares += z * z;
      counts[g.nextInt(7)]++;
    }
    assertEquals(0, sum / n, 0.03);
    assertEquals(1, squares / n, 0.05);
    for (int c : counts) {
      assertEquals(n / 7.0, c, 250);
    }
  }

  @Test
  void permutations() {
    int[] p = new Generator(3).permutation(100);
    assertArrayEquals(
        java.util.stream.IntStream.range(0, 100).toArray(), Arrays.stream(p).sorted().toArray());
    assertFalse(Arrays.equals(p, Arrays.stream(p).sorted().toArray()));
    assertEquals(0, new Generator(3).permutation(0).length);
  }
}
