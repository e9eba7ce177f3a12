// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockPoolTest {
  private static final long SEGMENT = 1 << 20;

  private final BlockPool pool = new BlockPool();

  @Test
  void takesTheSmallestHoleThatIsLargeEnough() {
    pool.addSegment(SEGMENT, SEGMENT);
    long a = pool.take(4096);
    long b = pool.take(512);
    long c = pool.take(1024);
    long d = pool.take(512);
    pool.give(a);
    pool.give(c);
    assertEquals(c, pool.take(1024));
    assertEquals(a, pool.take(2048));
    assertEquals(a + 2048, pool.take(2048));
    assertEquals(List.of(SEGMENT + 4096, SEGMENT + 5632), List.of(b, d));
  }

  @Test
  void neighboursBecomeOne() {
    pool.addSegment(SEGMENT, 2048);
    long[] blocks = {pool.take(512), pool.take(512), pool.take(512), pool.take(512)};
    assertEquals(0, pool.take(512));
    for (int i : new int[] {1, 3, 2, 0}) {
      assertEquals(512, pool.give(blocks[i]));
    }
    assertEquals(2048, pool.largest());
    assertEquals(List.of(new BlockPool.Segment(SEGMENT, 2048)), pool.removeIdle());
    assertEquals(0, pool.take(512));
  }

  @Test
  void knowsWhatIsNotInUse() {
    pool.addSegment(SEGMENT, 2048);
    long a = pool.take(512);
    assertEquals(-1, pool.give(a + 256));
    assertEquals(512, pool.give(a));
    assertEquals(-1, pool.give(a));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingOverlapsAndNothingIsLost(long seed) {
    Random random = new Random(seed);
    NavigableMap<Long, Long> lent = new TreeMap<>();
    long inSegments = 0;
    long inUse = 0;
    long peak = 0;
    for (int step = 0; step < 20_000; step++) {
      boolean grows = random.nextInt(3000) > lent.size() * 2;
      if (grows) {
        long bytes = 512L * (1 + random.nextInt(random.nextInt(5) == 0 ? 500 : 20));
        long address = pool.take(bytes);
        if (address == 0) {
          pool.addSegment(SEGMENT + 2 * inSegments, SEGMENT); // no two segments touch
          inSegments += SEGMENT;
          address = pool.take(bytes);
        }
        assertEquals(0, address % 512);
        assertFree(lent, address, bytes);
        lent.put(address, bytes);
        inUse += bytes;
        peak = Math.max(peak, inUse);
      } else if (!lent.isEmpty()) {
        Long after = lent.ceilingKey(lent.firstKey() + random.nextInt(1 << 20));
        long address = after == null ? lent.lastKey() : after;
        long bytes = lent.remove(address);
        assertEquals(bytes, pool.give(address));
        inUse -= bytes;
      }
    }
    assertTrue(inSegments <= 1.5 * peak + SEGMENT, inSegments + " for " + peak);
    new ArrayList<>(lent.keySet()).forEach(pool::give);
    assertEquals(inSegments, pool.removeIdle().stream().mapToLong(BlockPool.Segment::bytes).sum());
  }

  private static void assertFree(NavigableMap<Long, Long> lent, long address, long bytes) {
    Map.Entry<Long, Long> below = lent.floorEntry(address);
    Map.Entry<Long, Long> above = lent.ceilingEntry(address);
    assertTrue(below == null || below.getKey() + below.getValue() <= address);
    assertTrue(above == null || address + bytes <= above.getKey());
  }

  @Test
  void theSameStepGetsTheSameAddresses() {
    pool.addSegment(SEGMENT, SEGMENT);
    long parameter = pool.take(8192);
    List<Long> first = step(new Random(7));
    pool.give(pool.take(100 * 512)); // leaves no trace
    assertEquals(first, step(new Random(7)));
    assertEquals(SEGMENT, parameter);
  }

  private List<Long> step(Random random) {
    List<Long> addresses = new ArrayList<>();
    List<Long> live = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      long address = pool.take(512L * (1 + random.nextInt(10)));
      addresses.add(address);
      live.add(address);
      if (random.nextBoolean()) {
        pool.give(live.remove(random.nextInt(live.size())));
      }
    }
    live.forEach(pool::give);
    return addresses;
  }
}
