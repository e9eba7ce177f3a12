// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backend;
import org.junit.jupiter.api.Test;

class NativeBufferTest {
  private static final Backend BACKEND = new OneDnnBackendProvider().open(0);

  /** 2×3 with the columns together. */
  private static final Format COLUMNS = Format.ofStrides(new long[] {2, 3}, new long[] {1, 2});

  private static NativeBuffer buffer(float... values) {
    NativeBuffer buffer = new NativeBuffer(BACKEND, values.length);
    BACKEND.upload(values, buffer);
    return buffer;
  }

  private static float[] at(long address, int count) {
    float[] values = new float[count];
    RawMemory.read(address, values, 0, count);
    return values;
  }

  private static float[] read(NativeBuffer buffer) {
    float[] values = new float[(int) buffer.length()];
    BACKEND.download(buffer, values);
    return values;
  }

  @Test
  void isReadInTheLayoutThatIsAskedFor() {
    NativeBuffer x = buffer(1, 2, 3, 4, 5, 6);
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, at(x.read(COLUMNS), 6));
    assertEquals(x.read(COLUMNS), x.read(COLUMNS)); // converted once
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, at(x.read(null), 6));
    assertNull(x.current());
  }

  @Test
  void aWriteMakesTheOtherLayoutsStale() {
    NativeBuffer x = buffer(1, 2, 3, 4, 5, 6);
    x.read(COLUMNS);
    RawMemory.write(new float[] {7}, 0, x.update(null), 1);
    assertArrayEquals(new float[] {7, 4, 2, 5, 3, 6}, at(x.read(COLUMNS), 6));
    RawMemory.write(new float[] {0, 1, 2, 3, 4, 5}, 0, x.overwrite(COLUMNS), 6);
    assertEquals(COLUMNS, x.current());
    assertArrayEquals(new float[] {0, 2, 4, 1, 3, 5}, read(x));
  }

  @Test
  void layoutsOfOtherDimensionsMeetInRowMajorOrder() {
    NativeBuffer x = buffer(1, 2, 3, 4, 5, 6);
    RawMemory.write(new float[] {1, 2, 3, 4, 5, 6}, 0, x.overwrite(COLUMNS), 6);
    Format rows = Format.ofStrides(new long[] {3, 2}, new long[] {1, 3});
    // Row-major it is 1, 3, 5, 2, 4, 6; as 3×2 with the columns together:
    assertArrayEquals(new float[] {1, 5, 4, 3, 2, 6}, at(x.read(rows), 6));
  }

  @Test
  void isZeroBeforeItIsWritten() {
    NativeBuffer x = new NativeBuffer(BACKEND, 6);
    assertArrayEquals(new float[6], at(x.read(COLUMNS), 6));
    assertArrayEquals(new float[6], read(x));
  }

  @Test
  void memoryOfAnUnreachableBufferComesBack() throws InterruptedException {
    long before = MemoryPool.SHARED.lent();
    long during = 0;
    for (int i = 0; i < 100; i++) {
      during = Math.max(during, lentWithOneMore());
    }
    assertTrue(during > before);
    long after = during;
    for (int attempt = 0; attempt < 50 && after > before; attempt++) {
      System.gc();
      Thread.sleep(20);
      after = MemoryPool.SHARED.lent();
    }
    assertTrue(after <= before, "still on loan: " + after + " bytes, before " + before);
  }

  private static long lentWithOneMore() {
    new NativeBuffer(BACKEND, 1 << 20).overwrite(null);
    return MemoryPool.SHARED.lent();
  }

  @Test
  void theMemoryPoolWastesAtMostAQuarter() {
    for (long bytes = 1; bytes < 1L << 40; bytes = bytes * 9 / 8 + 1) {
      int sizeClass = MemoryPool.sizeClass(bytes);
      long held = MemoryPool.bytes(sizeClass);
      assertTrue(held >= bytes, () -> held + " bytes");
      assertTrue(bytes < 1024 || held <= bytes * 5 / 4 + 64, "%d for %d".formatted(held, bytes));
      assertEquals(sizeClass, MemoryPool.sizeClass(held));
    }
  }

  @Test
  void theMemoryPoolHandsOutAgainWhatCameBack() {
    MemoryPool pool = new MemoryPool();
    Block first = pool.take(5000);
    assertEquals(0, first.address() % 64);
    assertNotEquals(first, pool.take(5000));
    pool.give(first);
    assertEquals(first, pool.take(4999));
  }
}
