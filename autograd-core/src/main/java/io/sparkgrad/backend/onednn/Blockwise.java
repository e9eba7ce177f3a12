// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.backend.java.HeapBuffer;
import io.sparkgrad.backend.java.JavaBackend;
import io.sparkgrad.backend.java.Periods;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;

/**
 * Kernels that treat all elements alike, run by the java backend's loops on blocks that stay in the
 * first-level cache: numbers in native memory are copied there and back. The operands of a call
 * have one length and are read in one layout, that of the operand which is written in place or else
 * of the first.
 */
final class Blockwise {
  private static final int BLOCK = 4096;
  private static final Shape BLOCK_SHAPE = Shape.of(BLOCK);
  private static final long NOTHING = 0;

  private final Slices.Least least;
  private final JavaBackend java = new JavaBackend();
  private final ThreadLocal<Buffer[]> scratch = ThreadLocal.withInitial(this::blocks);

  Blockwise(Slices.Least least) {
    this.least = least;
  }

  /** What is done to a block. */
  private interface Step {
    /**
     * Reads and writes {@code blocks}.
     *
     * @param position of their first element among all
     */
    void run(Buffer[] blocks, long position);
  }

  private Buffer[] blocks() {
    Buffer[] blocks = new Buffer[3];
    Arrays.setAll(blocks, i -> java.allocate(DType.FLOAT32, BLOCK));
    return blocks;
  }

  void unary(UnaryKernel kernel, double p, Buffer x, Buffer y) {
    Format format = NativeBuffer.flatLayout(x);
    Step step = (b, at) -> java.unary(kernel, p, b[0], b[1]);
    try (Operands o = new Operands()) {
      long[] from = {x == y ? o.update(x, format) : o.read(x, format), NOTHING};
      float bound = kernel == UnaryKernel.RELU ? Magnitude.of(x, 0) : Float.NaN;
      loop(x.length(), from, new long[] {NOTHING, x == y ? from[0] : o.overwrite(y, format)}, step);
      Magnitude.note(y, bound);
    }
  }

  /** Of operands of the result's shape. */
  void binary(BinaryKernel kernel, Buffer a, Buffer b, Buffer y) {
    Format format = NativeBuffer.flatLayout(y == b || !(a instanceof NativeBuffer) ? b : a);
    try (Operands o = new Operands()) {
      long written = y == a || y == b ? o.update(y, format) : NOTHING;
      long[] from = {
        y == a ? written : o.read(a, format), y == b ? written : o.read(b, format), NOTHING
      };
      long to = written == NOTHING ? o.overwrite(y, format) : written;
      loop(
          y.length(),
          from,
          new long[] {NOTHING, NOTHING, to},
          (blocks, at) ->
              java.binary(
                  kernel, blocks[0], BLOCK_SHAPE, blocks[1], BLOCK_SHAPE, blocks[2], BLOCK_SHAPE));
    }
  }

  /** Of an operand of the result's shape and one that repeats. */
  void binary(BinaryKernel kernel, Buffer a, Buffer b, Buffer y, Periods periods) {
    Buffer full = periods.leftIsFull() ? a : b;
    Buffer small = periods.leftIsFull() ? b : a;
    try (Operands o = new Operands()) {
      float[] repeated = new float[Math.toIntExact(small.length())];
      RawMemory.read(o.read(small, null), repeated, 0, repeated.length);
      boolean inPlace = y == full;
      long from = inPlace ? o.update(full, null) : o.read(full, null);
      long to = inPlace ? from : o.overwrite(y, null);
      Stretch stretch = new Stretch(repeated, periods);
      loop(
          y.length(),
          new long[] {from, NOTHING, NOTHING},
          new long[] {NOTHING, NOTHING, to},
          (blocks, at) -> {
            stretch.write(at, HeapBuffer.floats(blocks[1]));
            Buffer left = periods.leftIsFull() ? blocks[0] : blocks[1];
            Buffer right = periods.leftIsFull() ? blocks[1] : blocks[0];
            java.binary(kernel, left, BLOCK_SHAPE, right, BLOCK_SHAPE, blocks[2], BLOCK_SHAPE);
          });
    }
  }

  /** Writes out the elements of a repeating operand, a block's worth. */
  private static final class Stretch {
    private final float[] values;
    private final Periods periods;

    Stretch(float[] values, Periods periods) {
      this.values = values;
      this.periods = periods;
    }

    void write(long position, float[] block) {
      int inner = periods.inner();
      for (int i = 0; i < BLOCK; ) {
        long at = position + i;
        int index = (int) (at / inner % periods.period());
        if (inner == 1) {
          int run = Math.min(BLOCK - i, values.length - index);
          System.arraycopy(values, index, block, i, run);
          i += run;
        } else {
          int run = (int) Math.min(BLOCK - i, inner - at % inner);
          Arrays.fill(block, i, i + run, values[index]);
          i += run;
        }
      }
    }
  }

  void axpy(double alpha, Buffer x, Buffer y) {
    Format format = NativeBuffer.flatLayout(y);
    try (Operands o = new Operands()) {
      long target = o.update(y, format);
      loop(
          y.length(),
          new long[] {o.read(x, format), target},
          new long[] {NOTHING, target},
          (b, at) -> java.axpy(alpha, b[0], b[1]));
    }
  }

  /** Numbers and layout. */
  void copy(Buffer x, Buffer y) {
    Format format = x instanceof NativeBuffer numbers ? numbers.current() : null;
    try (Operands o = new Operands()) {
      long from = o.read(x, format);
      RawMemory.copy(
          from, o.overwrite(y, format), format == null ? 4 * x.length() : format.bytes());
    }
  }

  void fill(NativeBuffer target, float value) {
    try (Operands o = new Operands()) {
      long address = o.overwrite(target, null);
      if (value == 0 && 1 / value > 0) {
        RawMemory.zero(address, 4 * target.length());
        return;
      }
      loop(
          target.length(),
          new long[] {NOTHING},
          new long[] {address},
          (b, at) -> java.fill(b[0], value));
    }
  }

  /**
   * Runs {@code step} on block after block, in ranges of blocks where several threads may work.
   *
   * @param from addresses to fill the blocks from, {@link #NOTHING} for a block that is only
   *     written
   * @param to addresses to write the blocks to, {@link #NOTHING} for a block that is only read
   */
  private void loop(long elements, long[] from, long[] to, Step step) {
    Slices s =
        Slices.of(elements, Slices.worthwhile(elements * from.length, least.elements()), BLOCK);
    Workers.run(s.count(), i -> loop(s.start(i), s.start(i) + s.length(i), from, to, step));
  }

  private void loop(long start, long end, long[] from, long[] to, Step step) {
    Buffer[] blocks = scratch.get();
    for (long done = start; done < end; done += BLOCK) {
      int n = (int) Math.min(BLOCK, end - done);
      for (int i = 0; i < from.length; i++) {
        if (from[i] != NOTHING) {
          RawMemory.read(from[i] + 4 * done, HeapBuffer.floats(blocks[i]), 0, n);
        }
      }
      step.run(blocks, done);
      for (int i = 0; i < to.length; i++) {
        if (to[i] != NOTHING) {
          RawMemory.write(HeapBuffer.floats(blocks[i]), 0, to[i] + 4 * done, n);
        }
      }
    }
  }
}
