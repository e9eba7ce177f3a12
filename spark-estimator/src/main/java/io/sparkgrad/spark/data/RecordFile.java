// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Records at {@code index · recordBytes} of a file that is gone as soon as it is open, where the
 * system allows that; gaps take no room where the file system knows holes. One thread writes; when
 * it is done, any number may read.
 */
final class RecordFile {
  private static final int WRITE_BYTES = 256 << 10;

  private final Path path;
  private final int recordBytes;
  private final @Nullable RecordCipher cipher;
  private final FileChannel channel;

  /** Neighbours that are still to be written, from {@link #pendingFrom} on. */
  private final ByteBuffer pending;

  private int pendingFrom;

  RecordFile(Path path, int recordBytes, @Nullable RecordCipher cipher) {
    this.path = path;
    this.cipher = cipher;
    this.recordBytes = recordBytes;
    this.pending = ByteBuffer.allocate(Math.max(1, WRITE_BYTES / recordBytes) * recordBytes);
    try {
      channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.SPARSE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw failure("opening", e);
    }
  }

  void write(int index, ByteBuffer record) {
    if (!pending.hasRemaining() || index != pendingFrom + pending.position() / recordBytes) {
      flush();
      pendingFrom = index;
    }
    int start = pending.position();
    pending.put(record);
    apply(index, pending.array(), start);
  }

  /** Makes a record unreadable, or readable again. */
  private void apply(int index, byte[] bytes, int start) {
    if (cipher != null) {
      cipher.apply(index, bytes, start, recordBytes);
    }
  }

  private void flush() {
    pending.flip();
    long position = (long) pendingFrom * recordBytes;
    try {
      while (pending.hasRemaining()) {
        position += channel.write(pending, position);
      }
    } catch (IOException e) {
      throw failure("writing to", e);
    }
    pending.clear();
  }

  /** Appends a record to a buffer on the heap. */
  void read(int index, ByteBuffer target) {
    int start = target.position();
    int waiting = index - pendingFrom;
    if (waiting >= 0 && waiting < pending.position() / recordBytes) {
      target.put(pending.array(), waiting * recordBytes, recordBytes);
    } else {
      readFromFile(index, target);
    }
    apply(index, target.array(), target.arrayOffset() + start);
  }

  private void readFromFile(int index, ByteBuffer target) {
    int limit = target.limit();
    long position = (long) index * recordBytes;
    target.limit(target.position() + recordBytes);
    try {
      while (target.hasRemaining()) {
        int read = channel.read(target, position);
        if (read < 0) {
          throw new IllegalArgumentException("record store: no record has come for index " + index);
        }
        position += read;
      }
    } catch (IOException e) {
      throw failure("reading from", e);
    }
    target.limit(limit);
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure("closing", e);
    }
  }

  private UncheckedIOException failure(String what, IOException e) {
    return new UncheckedIOException(
        "rows that do not fit in memory: %s %s failed: %s".formatted(what, path, e.getMessage()),
        e);
  }
}
