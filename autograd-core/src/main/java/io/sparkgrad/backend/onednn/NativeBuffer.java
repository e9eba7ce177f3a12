// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * FLOAT32 numbers in native memory, in the layout of whoever wrote them. Those who read say which
 * layout they want; what had to be converted for them is kept until the next write, so that a
 * weight is converted once and not in each use. A new buffer is zero and has no memory before
 * somebody uses it.
 *
 * <p>Concurrent readers are safe; a writer must be alone, as for every buffer. Kernels that use
 * addresses keep the buffer reachable until they are done.
 */
final class NativeBuffer extends Buffer {
  static final Cleaner CLEANER = Cleaner.create();

  private final Backend backend;
  private final long length;
  private final Contents contents = new Contents();

  /** No number is larger in magnitude; NaN as long as nobody knows. */
  private volatile float bound = Float.NaN;

  /** Whether somebody asked in vain since the last write. */
  private volatile boolean boundMissed;

  private final Cleaner.Cleanable cleanable;

  NativeBuffer(Backend backend, long length) {
    this.backend = backend;
    this.length = length;
    this.cleanable = CLEANER.register(this, contents);
  }

  @Override
  public DType dtype() {
    return DType.FLOAT32;
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
    cleanable.clean();
  }

  /** The layout that costs nothing to read; null for row-major, whatever the dimensions. */
  @Nullable Format current() {
    return contents.current();
  }

  /** A layout of little cost in which every number is an element; null for row-major. */
  static @Nullable Format flatLayout(Buffer buffer) {
    Format format = buffer instanceof NativeBuffer numbers ? numbers.current() : null;
    return format == null || format.isPadded() ? null : format;
  }

  /**
   * The address of the numbers for reading.
   *
   * @param format of as many elements; null for row-major
   */
  long read(@Nullable Format format) {
    return contents.find(key(format), bytes(format)).block.address();
  }

  /** As {@link #read}, for changing some of them. */
  long update(@Nullable Format format) {
    forgetBound();
    return contents.update(key(format), bytes(format));
  }

  /** As {@link #read}, for writing all of them; what stands there now is lost. */
  long overwrite(@Nullable Format format) {
    forgetBound();
    return contents.overwrite(key(format), bytes(format));
  }

  private void forgetBound() {
    bound = Float.NaN;
    boundMissed = false;
  }

  /**
   * What no number exceeds in magnitude; NaN if nobody knows. Who asks in vain for the second time
   * is told: numbers that stay are worth being read for it, whatever that costs.
   *
   * @param budget how many numbers may be read to find out at the first time
   */
  float bound(long budget) {
    float known = bound;
    if (!Float.isNaN(known)) {
      return known;
    }
    if (length <= budget || boundMissed) {
      return measureBound();
    }
    boundMissed = budget > 0;
    return known;
  }

  /** Says, after a write, what no number exceeds in magnitude, if that is a finite number. */
  void setBound(double value) {
    bound = value < Float.MAX_VALUE ? Math.nextUp((float) value) : Float.NaN;
  }

  /** The largest magnitude, infinite where there is NaN; reads all numbers. */
  float measureBound() {
    Format format = current();
    float largest = Magnitude.largest(read(format), bytes(format) / 4);
    bound = largest;
    return largest;
  }

  private static @Nullable Format key(@Nullable Format format) {
    return format == null || format.isRowMajor() ? null : format;
  }

  private long bytes(@Nullable Format format) {
    return format == null ? 4 * length : format.bytes();
  }

  /** The numbers in one layout; null for row-major. */
  private static final class Copy {
    final @Nullable Format format;
    final Block block;

    Copy(@Nullable Format format, Block block) {
      this.format = format;
      this.block = block;
    }
  }

  /** In its own class, since it gives the memory back when the buffer is unreachable. */
  private static final class Contents implements Runnable {
    /** The first is what was written, the others were made from it; empty stands for zeros. */
    private final List<Copy> copies = new ArrayList<>(1);

    private boolean released;

    synchronized @Nullable Format current() {
      return copies.isEmpty() ? null : copies.get(0).format;
    }

    synchronized Copy find(@Nullable Format format, long bytes) {
      checkUsable();
      if (copies.isEmpty()) {
        Block zeros = MemoryPool.SHARED.take(bytes);
        RawMemory.zero(zeros.address(), bytes);
        copies.add(new Copy(format, zeros));
      }
      for (Copy c : copies) {
        if (c.format == format) {
          return c;
        }
      }
      return convert(format, bytes);
    }

    synchronized long update(@Nullable Format format, long bytes) {
      Copy wanted = find(format, bytes);
      dropAllBut(wanted);
      return wanted.block.address();
    }

    synchronized long overwrite(@Nullable Format format, long bytes) {
      checkUsable();
      int sizeClass = MemoryPool.sizeClass(bytes);
      Copy reusable = null;
      for (Copy c : copies) {
        if (reusable == null && c.block.sizeClass() == sizeClass) {
          reusable = c;
        }
      }
      dropAllBut(reusable);
      Block block = reusable == null ? MemoryPool.SHARED.take(bytes) : reusable.block;
      copies.clear();
      copies.add(new Copy(format, block));
      return block.address();
    }

    private void dropAllBut(@Nullable Copy kept) {
      for (Copy c : copies) {
        if (c != kept) {
          MemoryPool.SHARED.give(c.block);
        }
      }
      copies.clear();
      if (kept != null) {
        copies.add(kept);
      }
    }

    private Copy convert(@Nullable Format format, long bytes) {
      Copy source = copies.get(0);
      Format from = source.format;
      if (from != null && format != null && !from.sameDims(format)) {
        // Only the row-major order of both is the same.
        source = find(null, from.inRowMajor().bytes());
        from = null;
      }
      Block block = MemoryPool.SHARED.take(bytes);
      Format target = format == null ? Objects.requireNonNull(from).inRowMajor() : format;
      Reorders.run(
          from == null ? target.inRowMajor() : from,
          source.block.address(),
          target,
          block.address());
      Copy copy = new Copy(format, block);
      copies.add(copy);
      return copy;
    }

    private void checkUsable() {
      if (released) {
        throw used();
      }
    }

    @Override
    public synchronized void run() {
      released = true;
      dropAllBut(null);
    }
  }
}
