// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.java.HeapBuffer;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one kernel call as addresses. Numbers that stand in a Java array go through native
 * memory that is given back when the call is over; native buffers stay reachable until then.
 */
final class Operands implements AutoCloseable {
  private final List<Buffer> buffers = new ArrayList<>(4);
  private final List<Block> temporaries = new ArrayList<>(0);
  private final List<Runnable> results = new ArrayList<>(0);

  /**
   * Where to read the numbers.
   *
   * @param format of as many elements; null for row-major
   */
  long read(Buffer buffer, @Nullable Format format) {
    buffers.add(buffer);
    if (buffer instanceof NativeBuffer numbers) {
      return numbers.read(format);
    }
    float[] values = HeapBuffer.floats(buffer);
    long plain = scratch(4L * values.length);
    RawMemory.write(values, 0, plain, values.length);
    if (format == null || format.isRowMajor()) {
      return plain;
    }
    long converted = scratch(format.bytes());
    Reorders.run(format.inRowMajor(), plain, format, converted);
    return converted;
  }

  /** Where to write all numbers, in this format; null for row-major. */
  long overwrite(Buffer buffer, @Nullable Format format) {
    buffers.add(buffer);
    if (buffer instanceof NativeBuffer numbers) {
      return numbers.overwrite(format);
    }
    float[] values = HeapBuffer.floats(buffer);
    Format blocked = format == null || format.isRowMajor() ? null : format;
    long written = scratch(blocked == null ? 4L * values.length : blocked.bytes());
    results.add(
        () -> {
          long result = written;
          if (blocked != null) {
            result = scratch(4L * values.length);
            Reorders.run(blocked, written, blocked.inRowMajor(), result);
          }
          RawMemory.read(result, values, 0, values.length);
        });
    return written;
  }

  /** Where to read the numbers and write others in their place, in this format. */
  long update(Buffer buffer, @Nullable Format format) {
    if (buffer instanceof NativeBuffer numbers) {
      buffers.add(buffer);
      return numbers.update(format);
    }
    long target = overwrite(buffer, format);
    long source = read(buffer, format);
    RawMemory.copy(source, target, format == null ? 4 * buffer.length() : format.bytes());
    return target;
  }

  /** Where the notes stand. */
  long read(PoolPlaces places) {
    buffers.add(places);
    return places.address();
  }

  /** Memory for the time of the call. */
  long scratch(long bytes) {
    Block block = MemoryPool.SHARED.take(bytes);
    temporaries.add(block);
    return block.address();
  }

  @Override
  public void close() {
    results.forEach(Runnable::run);
    temporaries.forEach(MemoryPool.SHARED::give);
    buffers.forEach(Reference::reachabilityFence);
  }
}
