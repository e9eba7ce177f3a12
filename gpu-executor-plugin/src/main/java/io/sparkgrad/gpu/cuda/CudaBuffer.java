// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.lang.ref.Cleaner;

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
    return elementBytes(dtype) * length;
  }

  static int elementBytes(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> Float.BYTES;
      case FLOAT64, INT64 -> Long.BYTES;
      case BOOL -> Byte.BYTES;
    };
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
    return contents.address(true);
  }

  /** The address, for writing all of them. */
  long overwrite() {
    return contents.address(false);
  }

  @Override
  protected void free() {
    cleanable.clean();
  }

  /** In its own class, since it gives the memory back when the buffer is unreachable. */
  private static final class Contents implements Runnable {
    private final DeviceMemory memory;
    private final Fills fills;
    private final long bytes;
    private long address;
    private boolean released;

    Contents(CudaBackend backend, long bytes) {
      this.memory = backend.memory();
      this.fills = backend.fills();
      this.bytes = bytes;
    }

    synchronized long address(boolean zeroed) {
      if (released) {
        throw used();
      }
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
        memory.give(address);
        address = 0;
      }
    }
  }
}
