// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A setting of the calling thread. Each thread has its own value, and one that says nothing has the
 * default.
 */
public final class ThreadSetting<T> {
  @SuppressWarnings("ThreadLocalUsage") // settings are static
  private final ThreadLocal<@Nullable T> current = new ThreadLocal<>();

  private final Supplier<T> defaultValue;

  ThreadSetting(Supplier<T> defaultValue) {
    this.defaultValue = defaultValue;
  }

  T get() {
    T set = current.get();
    return set == null ? defaultValue.get() : set;
  }

  Scope set(T value) {
    Scope scope = new Scope(current);
    current.set(value);
    return scope;
  }

  /** Restores the value from before; closing twice does nothing more. */
  public static final class Scope implements AutoCloseable {
    private final Runnable restore;
    private boolean open = true;

    private <T> Scope(ThreadLocal<@Nullable T> current) {
      T previous = current.get();
      restore = previous == null ? current::remove : () -> current.set(previous);
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        restore.run();
      }
    }
  }
}
