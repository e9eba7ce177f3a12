// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers that stand for objects; none is given out twice. */
final class Handles<T extends @Nullable Object> {
  private final String what;
  private final Map<Long, T> objects = new HashMap<>();
  private long next;

  Handles(String what, long first) {
    this.what = what;
    next = first;
  }

  long add(T object) {
    long handle = next;
    next += 16;
    objects.put(handle, object);
    return handle;
  }

  T get(long handle) {
    if (!objects.containsKey(handle)) {
      throw new IllegalArgumentException("0x%x is no %s that is in use".formatted(handle, what));
    }
    return objects.get(handle);
  }

  void replace(long handle, T object) {
    objects.put(handle, object);
  }

  void remove(long handle) {
    objects.remove(handle);
  }

  List<T> values() {
    return new ArrayList<>(objects.values());
  }
}
