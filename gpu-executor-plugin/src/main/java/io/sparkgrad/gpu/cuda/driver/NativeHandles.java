// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.backend.BackendException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Numbers for objects of the driver, given out once each; 0 is none. Safe for threads. */
final class NativeHandles<T> {
  private final String kind;
  private final AtomicLong last = new AtomicLong();
  private final Map<Long, T> objects = new ConcurrentHashMap<>();

  /**
   * No numbers yet.
   *
   * @param kind for messages: {@code stream}
   */
  NativeHandles(String kind) {
    this.kind = kind;
  }

  long add(T object) {
    long handle = last.incrementAndGet();
    objects.put(handle, object);
    return handle;
  }

  T get(long handle) {
    T object = objects.get(handle);
    if (object == null) {
      throw unknown(handle);
    }
    return object;
  }

  T remove(long handle) {
    T object = objects.remove(handle);
    if (object == null) {
      throw unknown(handle);
    }
    return object;
  }

  /** Forgets all, after showing each to the consumer. */
  void clear(Consumer<T> consumer) {
    objects.values().forEach(consumer);
    objects.clear();
  }

  private BackendException unknown(long handle) {
    return new BackendException(
        "CUDA: expected a %s of this driver, got number %d, which %s."
            .formatted(
                kind,
                handle,
                handle > 0 && handle <= last.get() ? "was destroyed" : "it never gave out"));
  }
}
