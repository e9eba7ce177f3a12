// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.lang.ref.Cleaner;

/** Where maxima stand, as oneDNN notes it for itself; nobody else reads it. */
final class PoolPlaces extends Buffer {
  private final Backend backend;
  private final long length;
  private final Format inputs;
  private final Block block;
  private final Cleaner.Cleanable cleanable;
  private volatile boolean released;

  /**
   * Takes memory.
   *
   * @param inputs the layout of what they are maxima of
   * @param bytes of the notes
   */
  PoolPlaces(Backend backend, long length, Format inputs, long bytes) {
    this.backend = backend;
    this.length = length;
    this.inputs = inputs;
    Block taken = MemoryPool.SHARED.take(bytes);
    this.block = taken;
    this.cleanable = NativeBuffer.CLEANER.register(this, () -> MemoryPool.SHARED.give(taken));
  }

  /** The layout of what they are maxima of. */
  Format inputs() {
    return inputs;
  }

  long address() {
    if (released) {
      throw used();
    }
    return block.address();
  }

  @Override
  public DType dtype() {
    return DType.INT64;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  protected void free() {
    released = true;
    cleanable.clean();
  }
}
