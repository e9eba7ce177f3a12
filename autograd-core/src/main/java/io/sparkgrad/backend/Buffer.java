// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import org.jspecify.annotations.Nullable;

/**
 * Memory of one backend: {@code length} elements of one type, dense. What stands behind it only the
 * backend knows. It lives until the {@link BufferScope} that owns it closes; without one until the
 * garbage collector finds it unreachable.
 */
public abstract class Buffer {
  /** Null if no scope owns it. Work on one buffer, this included, is ordered by the caller. */
  @Nullable BufferScope owner;

  private boolean released;

  public abstract DType dtype();

  /** In elements. */
  public abstract long length();

  public abstract Backend backend();

  final void release() {
    if (!released) {
      released = true;
      free();
    }
  }

  /** Gives the memory back, once; every later use of it has to fail with {@link #used}. */
  protected abstract void free();

  /** What a use after {@link #free} throws. */
  protected static BackendException used() {
    return new BackendException(
        "the memory of this tensor was given back when the scope closed in which it was made; keep(...) it in the scope, or use it before.");
  }
}
