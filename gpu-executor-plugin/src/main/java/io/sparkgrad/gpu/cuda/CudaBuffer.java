// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * Numbers in device memory, dense. A new buffer is zero and has no memory before somebody uses it,
 * so that results which a kernel writes whole are not cleared first.
 *
 * <p>A writer must be alone, as for every buffer. Since all work is in one stream, memory that was
 * given back may be handed out again while kernels still use it: the next user's come after them.
 */
final class CudaBuffer extends Buffer {
  private static final Cleaner CLEANER = Cleaner.create();

  private final CudaBackend backend;
  private final DType dtype;
  private final long length;
  private final Contents contents;
  private final Cleaner.Cleanable cleanable;

  /** What the host wrote; null if a kernel may have written since. */
  private volatile long @Nullable [] written;

  CudaBuffer(CudaBackend backend, DType dtype, long length) {
    this.backend = backend;
    this.dtype = dtype;
    this.length = length;
    this.contents = new Contents(backend, bytes(dtype, length));
    this.cleanable = CLEANER.register(this, contents);
  }

  /**
   * The buffer as this backend knows it.
   *
   * @throws BackendException if it is another backend's
   */
  static CudaBuffer of(Buffer buffer) {
    if (buffer instanceof CudaBuffer cuda) {
      return cuda;
    }
    throw new BackendException(
        "cuda: expected a tensor on the GPU, got one of backend %s; move it there with to(...)."
            .formatted(buffer.backend().name()));
  }

  static long bytes(DType dtype, long length) {
    return dtype.bytes() * length;
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  long bytes() {
    return contents.bytes;
  }

  /** The address, for reading or for changing some of the numbers. */
  long address() {
    written = null;
    return contents.address(true);
  }

  /** The address, for writing all of them. */
  long overwrite() {
    written = null;
    return contents.address(false);
  }

  /**
   * Says what the host has just written. Indices and counts are often read again before a kernel
   * takes them, to be checked: nobody has to wait for the device then.
   */
  void remember(long[] values) {
    written = values;
  }

  /** What stands here, if the host knows. */
  long @Nullable [] remembered() {
    contents.checkUsable();
    return written;
  }

  @Override
  protected void free() {
    contents.isGiven = true;
    cleanable.clean();
  }

  /** In its own class, since it gives the memory back when the buffer is unreachable. */
  private static final class Contents implements Runnable {
    private final DeviceMemory memory;
    private final Fills fills;
    private final long bytes;
    private long address;
    private boolean released;

    /** Whether the owner gives the memory back, and not the garbage collector. */
    private volatile boolean isGiven;

    Contents(CudaBackend backend, long bytes) {
      this.memory = backend.memory();
      this.fills = backend.fills();
      this.bytes = bytes;
    }

    synchronized void checkUsable() {
      if (released) {
        throw used();
      }
    }

    synchronized long address(boolean zeroed) {
      checkUsable();
      if (address == 0) {
        address = memory.take(bytes);
        if (zeroed) {
          fills.zero(address, bytes);
        }
      }
      return address;
    }

    @Override
    public synchronized void run() {
      released = true;
      if (address != 0) {
        if (isGiven) {
          memory.give(address);
        } else {
          memory.collect(address);
        }
        address = 0;
      }
    }
  }
}
