// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Owns every buffer that its thread allocates while it is the innermost open scope, and gives their
 * memory back when it closes. Belongs to the thread that opened it; buffers that other threads
 * allocate have other owners or none.
 */
public final class BufferScope implements AutoCloseable {
  private static final ThreadLocal<@Nullable BufferScope> INNERMOST = new ThreadLocal<>();

  private final @Nullable BufferScope outer = INNERMOST.get();
  private final Thread thread = Thread.currentThread();
  private final List<Buffer> buffers = new ArrayList<>();
  private final boolean owns;
  private boolean open = true;

  private BufferScope(boolean owns) {
    this.owns = owns;
  }

  public static BufferScope open() {
    return innermost(true);
  }

  /** Opens a scope that owns nothing: what is allocated in it has no owner until it closes. */
  public static BufferScope suspend() {
    return innermost(false);
  }

  private static BufferScope innermost(boolean owns) {
    BufferScope scope = new BufferScope(owns);
    INNERMOST.set(scope);
    return scope;
  }

  /** Gives a new buffer to the innermost scope of this thread, if there is one. */
  public static Buffer own(Buffer buffer) {
    BufferScope innermost = INNERMOST.get();
    if (innermost != null) {
      innermost.add(buffer);
    }
    return buffer;
  }

  /** Leaves a buffer that outlives its scope to the innermost scope of this thread, if any. */
  public static void leave(Buffer buffer) {
    if (INNERMOST.get() != null) {
      buffer.owner = null;
      own(buffer);
    }
  }

  /** Lets {@code buffer} live as long as {@code companion}, in the same scope or in none. */
  public static void share(Buffer buffer, Buffer companion) {
    if (buffer.owner != companion.owner) {
      give(buffer, companion.owner);
    }
  }

  /** Lets a buffer of this scope, or of one inside it, outlive this scope. */
  public void keep(Buffer buffer) {
    for (BufferScope s = buffer.owner; s != null; s = s.outer) {
      if (s == this) {
        give(buffer, outer);
        return;
      }
    }
  }

  private static void give(Buffer buffer, @Nullable BufferScope scope) {
    buffer.owner = null; // stays in the list of the scope before, which passes it over
    if (scope != null) {
      scope.add(buffer);
    }
  }

  /** Also called by other threads, for the gradient of a tensor of this scope. */
  private synchronized void add(Buffer buffer) {
    if (owns) {
      buffer.owner = this;
      buffers.add(buffer);
    }
  }

  /**
   * Gives back what is owned, that of scopes inside included; closing twice does nothing more.
   *
   * @throws IllegalStateException on another thread than the scope's
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "scope: opened by thread '%s' and closed by '%s'; close it where it was opened."
              .formatted(thread.getName(), Thread.currentThread().getName()));
    }
    for (BufferScope s = INNERMOST.get(); s != null && s.open; s = s.outer) {
      s.releaseAll();
      if (s == this) {
        break;
      }
    }
    if (outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(outer);
    }
  }

  private synchronized void releaseAll() {
    open = false;
    for (Buffer b : buffers) {
      if (b.owner == this) {
        b.owner = null;
        b.release();
      }
    }
    buffers.clear();
  }
}
