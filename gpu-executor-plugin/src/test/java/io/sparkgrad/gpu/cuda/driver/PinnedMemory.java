// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.lang.reflect.Field;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/** The page-locked buffers given out; slices of one count as it. */
final class PinnedMemory {
  private static final Field ADDRESS = addressField();

  private final TreeMap<Long, ByteBuffer> buffers = new TreeMap<>();

  private static Field addressField() {
    try {
      Field field = Buffer.class.getDeclaredField("address");
      field.setAccessible(true);
      return field;
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("java.nio is not open", e);
    }
  }

  private static long address(ByteBuffer buffer) {
    try {
      return ADDRESS.getLong(buffer);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  ByteBuffer allocate(long bytes) {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    buffers.put(address(buffer), buffer);
    return buffer;
  }

  boolean holds(ByteBuffer buffer) {
    Map.Entry<Long, ByteBuffer> below = buffers.floorEntry(address(buffer));
    return below != null
        && address(buffer) - below.getKey() < Math.max(1, below.getValue().capacity());
  }

  void free(ByteBuffer buffer) {
    if (buffers.remove(address(buffer)) == null) {
      throw new IllegalArgumentException("the buffer is not page-locked memory that is in use");
    }
  }
}
