// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordStoreTest {
  private static final int BYTES = 1_000_003; // four records to a chunk, which they do not fill
  private static final int RECORDS = 10;

  @TempDir Path dir;

  /** A grant of so many chunks. */
  private static final class Chunks implements MemoryGrant {
    private final int chunks;
    private long used;

    Chunks(int chunks) {
      this.chunks = chunks;
    }

    @Override
    public boolean acquire(long bytes) {
      if (used + bytes > chunks * 4L * BYTES) {
        return false;
      }
      used += bytes;
      return true;
    }

    @Override
    public void release(long bytes) {
      used -= bytes;
    }
  }

  private RecordStore store(MemoryGrant memory) {
    return new RecordStore(BYTES, memory, () -> dir.resolve("records"));
  }

  private static byte[] record(int i) {
    byte[] bytes = new byte[BYTES];
    IntStream.range(0, BYTES).forEach(j -> bytes[j] = (byte) (i + j * 31));
    return bytes;
  }

  private static void assertHolds(RecordStore store, int... indices) {
    for (int i : indices) {
      ByteBuffer target = ByteBuffer.allocate(BYTES + 5).position(2);
      store.get(i, target);
      assertEquals(2 + BYTES, target.position());
      assertEquals(BYTES + 5, target.limit());
      byte[] actual = new byte[BYTES];
      target.get(2, actual);
      assertArrayEquals(record(i), actual, "record " + i);
    }
  }

  @ParameterizedTest(name = "records come back, in any order, with memory for {0} of 3 chunks")
  @ValueSource(ints = {0, 1, 2, 3})
  void recordsComeBack(int chunks) {
    for (int[] order : new int[][] {ascending(), new Generator(1).permutation(RECORDS)}) {
      Chunks memory = new Chunks(chunks);
      try (RecordStore store = store(memory)) {
        for (int i : order) {
          store.put(i, ByteBuffer.wrap(record(i)));
          assertHolds(store, i);
        }
        assertHolds(store, new Generator(2).permutation(RECORDS));
        assertEquals(chunks * 4L * BYTES, store.memoryBytes());
        assertEquals(chunks < 3, store.spilled());
      }
      assertEquals(0, memory.used);
    }
  }

  private static int[] ascending() {
    return IntStream.range(0, RECORDS).toArray();
  }

  @Test
  @DisplayName("small records are written together and come back")
  void smallRecords() {
    try (RecordStore store = new RecordStore(7, new Chunks(0), () -> dir.resolve("small"))) {
      for (int i = 0; i < 100_000; i++) {
        store.put(i, ByteBuffer.wrap(new byte[] {1, 2, 3, (byte) i, (byte) (i >> 8), 6, 7}));
      }
      ByteBuffer target = ByteBuffer.allocate(7);
      for (int i : new Generator(3).permutation(100_000)) {
        store.get(i, target.clear());
        assertEquals((byte) i, target.get(3));
        assertEquals((byte) (i >> 8), target.get(4));
      }
    }
  }

  @Test
  @DisplayName("records that lie 4 GB apart are not taken for each other")
  void farApart() {
    int bytes = 1 << 16;
    int far = 1 << 16;
    try (RecordStore store = new RecordStore(bytes, new Chunks(0), () -> dir.resolve("far"))) {
      byte[] record = new byte[bytes];
      record[0] = 1;
      store.put(far, ByteBuffer.wrap(record));
      store.put(0, ByteBuffer.allocate(bytes));
      ByteBuffer target = ByteBuffer.allocate(bytes);
      store.get(far, target);
      assertEquals(1, target.get(0));
    }
  }

  @Test
  @DisplayName("records come back from an encrypted file")
  void encrypted() {
    try (RecordStore store =
        new RecordStore(BYTES, new Chunks(1), () -> dir.resolve("secret"), true)) {
      for (int i : new Generator(1).permutation(RECORDS)) {
        store.put(i, ByteBuffer.wrap(record(i)));
        assertHolds(store, i);
      }
      assertHolds(store, ascending());
    }
  }

  @Test
  @DisplayName("the file has no name while the store is open, so that a crash leaves nothing")
  void noFileIsLeft() throws Exception {
    try (RecordStore store = store(new Chunks(1))) {
      for (int i : ascending()) {
        store.put(i, ByteBuffer.wrap(record(i)));
      }
      assertTrue(store.spilled());
      assertEmpty();
      assertThrows(IllegalArgumentException.class, () -> store.put(1, ByteBuffer.allocate(3)));
    }
    assertEmpty();
  }

  private void assertEmpty() throws Exception {
    try (var files = Files.list(dir)) {
      assertFalse(files.findAny().isPresent());
    }
  }

  @Test
  void closingTwiceIsAllowed() {
    Chunks memory = new Chunks(1);
    RecordStore store = store(memory);
    IntStream.of(ascending()).forEach(i -> store.put(i, ByteBuffer.wrap(record(i))));
    store.close();
    store.close();
    assertEquals(0, memory.used);
  }

  @Test
  @DisplayName("errors say what was expected, what came, and which file could not be used")
  void errors() {
    try (RecordStore store = store(new Chunks(0))) {
      assertEquals(
          "record store: expected a record of 1000003 bytes, got 3",
          assertThrows(IllegalArgumentException.class, () -> store.put(0, ByteBuffer.allocate(3)))
              .getMessage());
      assertEquals(
          "record store: no record has come for index 4",
          assertThrows(
                  IllegalArgumentException.class, () -> store.get(4, ByteBuffer.allocate(BYTES)))
              .getMessage());
    }
    Path missing = dir.resolve("none/records");
    try (RecordStore store = new RecordStore(3, new Chunks(0), () -> missing)) {
      String message =
          assertThrows(UncheckedIOException.class, () -> store.put(0, ByteBuffer.allocate(3)))
              .getMessage();
      assertTrue(
          message.startsWith("rows that do not fit in memory: opening " + missing + " failed: "),
          message);
    }
  }
}
