// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records of one size under indices: in memory as far as the grant goes, the others in one local
 * file. The file is read and written at positions and not mapped, so that it adds nothing to the
 * size of the process, and its name is gone as soon as it is open, where the system allows that:
 * whatever becomes of the process, nothing is left behind.
 *
 * <p>Memory is taken in chunks of neighbouring records, when the first record of a chunk comes.
 * Once a chunk is refused, the file gets all further ones. One thread puts; when it is done, any
 * number may get.
 */
public final class RecordStore implements AutoCloseable {
  /**
   * Four regions of G1's smallest size, with the array's header: such arrays have regions alone.
   */
  private static final int CHUNK_BYTES = (4 << 20) - 64;

  private final int recordBytes;
  private final int chunkRecords;
  private final MemoryGrant memory;
  private final Supplier<RecordFile> newFile;

  /** By chunk; null if its records are in the file or have not come yet. */
  private byte[] @Nullable [] chunks = new byte[0] @Nullable [];

  private long memoryBytes;
  private @Nullable RecordFile file;

  /** Opens an empty store whose file is not encrypted. */
  public RecordStore(int recordBytes, MemoryGrant memory, Supplier<Path> path) {
    this(recordBytes, memory, path, false);
  }

  /**
   * Opens an empty store.
   *
   * @param path of a file that does not exist; asked for when the memory does not suffice
   * @param encrypted whether the file is to be of no use to others
   */
  public RecordStore(int recordBytes, MemoryGrant memory, Supplier<Path> path, boolean encrypted) {
    if (recordBytes <= 0) {
      throw new IllegalArgumentException(
          "record store: expected records of at least 1 byte, got " + recordBytes);
    }
    this.recordBytes = recordBytes;
    this.chunkRecords = Math.max(1, CHUNK_BYTES / recordBytes);
    this.memory = memory;
    this.newFile =
        () -> new RecordFile(path.get(), recordBytes, encrypted ? new RecordCipher() : null);
  }

  /** The size of each record. */
  public int recordBytes() {
    return recordBytes;
  }

  /** How much of the grant is taken. */
  public long memoryBytes() {
    return memoryBytes;
  }

  /** Whether some records are in the file. */
  public boolean spilled() {
    return file != null;
  }

  /** Takes the record that remains in the buffer. An index may come once. */
  public void put(int index, ByteBuffer record) {
    if (record.remaining() != recordBytes) {
      throw new IllegalArgumentException(
          "record store: expected a record of %d bytes, got %d"
              .formatted(recordBytes, record.remaining()));
    }
    byte[] chunk = chunkForWriting(index / chunkRecords);
    if (chunk == null) {
      openFile().write(index, record);
    } else {
      record.get(chunk, index % chunkRecords * recordBytes, recordBytes);
    }
  }

  /** Puts the record of this index, which has come, into the target at its position. */
  public void get(int index, ByteBuffer target) {
    int number = index / chunkRecords;
    byte[] chunk = number < chunks.length ? chunks[number] : null;
    if (chunk != null) {
      target.put(chunk, index % chunkRecords * recordBytes, recordBytes);
    } else if (file != null) {
      file.read(index, target);
    } else {
      throw new IllegalArgumentException("record store: no record has come for index " + index);
    }
  }

  private byte @Nullable [] chunkForWriting(int number) {
    byte[] chunk = number < chunks.length ? chunks[number] : null;
    long bytes = (long) chunkRecords * recordBytes;
    if (chunk == null && file == null && memory.acquire(bytes)) {
      memoryBytes += bytes;
      if (number >= chunks.length) {
        chunks = Arrays.copyOf(chunks, Math.max(number + 1, chunks.length * 2));
      }
      chunk = new byte[(int) bytes];
      chunks[number] = chunk;
    }
    return chunk;
  }

  private RecordFile openFile() {
    RecordFile open = file;
    if (open == null) {
      open = newFile.get();
      file = open;
    }
    return open;
  }

  /** Gives the memory back and closes the file, which is gone then. */
  @Override
  public void close() {
    chunks = new byte[0] @Nullable [];
    memory.release(memoryBytes);
    memoryBytes = 0;
    if (file != null) {
      file.close();
    }
  }
}
