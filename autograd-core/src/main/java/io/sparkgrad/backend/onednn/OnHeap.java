// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.java.HeapBuffer;
import io.sparkgrad.backend.java.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one kernel call as Java arrays, for kernels that have no native form; what was
 * written is copied back when the call is over.
 */
final class OnHeap implements AutoCloseable {
  private final JavaBackend java;
  private final List<Runnable> results = new ArrayList<>(0);

  OnHeap(JavaBackend java) {
    this.java = java;
  }

  Buffer read(Buffer buffer) {
    if (!(buffer instanceof NativeBuffer numbers)) {
      return buffer;
    }
    Buffer copy = java.allocate(DType.FLOAT32, numbers.length());
    float[] values = HeapBuffer.floats(copy);
    try (Operands o = new Operands()) {
      RawMemory.read(o.read(numbers, null), values, 0, values.length);
    }
    return copy;
  }

  @Nullable Buffer readIfAny(@Nullable Buffer buffer) {
    return buffer == null ? null : read(buffer);
  }

  Buffer overwrite(Buffer buffer) {
    if (!(buffer instanceof NativeBuffer numbers)) {
      return buffer;
    }
    Buffer copy = java.allocate(DType.FLOAT32, numbers.length());
    results.add(() -> store(HeapBuffer.floats(copy), numbers));
    return copy;
  }

  @Nullable Buffer overwriteIfAny(@Nullable Buffer buffer) {
    return buffer == null ? null : overwrite(buffer);
  }

  @Nullable Buffer updateIfAny(@Nullable Buffer buffer) {
    return buffer == null ? null : update(buffer);
  }

  Buffer update(Buffer buffer) {
    if (!(buffer instanceof NativeBuffer numbers)) {
      return buffer;
    }
    Buffer copy = read(buffer);
    results.add(() -> store(HeapBuffer.floats(copy), numbers));
    return copy;
  }

  private static void store(float[] values, NativeBuffer target) {
    try (Operands o = new Operands()) {
      RawMemory.write(values, 0, o.overwrite(target, null), values.length);
    }
  }

  @Override
  public void close() {
    results.forEach(Runnable::run);
  }
}
