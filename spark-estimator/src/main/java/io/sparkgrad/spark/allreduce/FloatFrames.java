// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Floats in and out of frames, in one format; for one thread. */
abstract class FloatFrames {
  /** Floats that go through an array: it stays in the first-level cache. */
  static final int BLOCK = 4096;

  private final FloatFormat format;
  private final float[] block = new float[BLOCK];

  FloatFrames(FloatFormat format) {
    this.format = format;
  }

  static FloatFrames of(FloatFormat format) {
    return switch (format) {
      case FLOAT32 -> new Float32Frames();
      case BFLOAT16 -> new Bfloat16Frames();
    };
  }

  /** How many floats a frame holds. */
  final int capacity() {
    return Link.MAX_FRAME / format.bytes();
  }

  /** So many floats in bytes. */
  final int bytes(int floats) {
    return Math.multiplyExact(floats, format.bytes());
  }

  /** Makes of numbers what the other ranks will read of them. */
  abstract void round(float[] data, int from, int size);

  /** Moves the position of the frame. */
  abstract void write(float[] data, int from, int size, ByteBuffer frame);

  /** Moves the position of the frame. */
  abstract void read(ByteBuffer frame, float[] data, int from, int size);

  /** Puts what is read to {@code data}, from an index on. */
  final Consumer<ByteBuffer> copyTo(float[] data, int from) {
    return new Consumer<>() {
      private int at = from;

      @Override
      public void accept(ByteBuffer part) {
        int size = part.remaining() / format.bytes();
        read(part, data, at, size);
        at += size;
      }
    };
  }

  /**
   * Adds what is read to {@code data}, from an index on. The compiler vectorises a loop over
   * arrays, but not one over a buffer.
   */
  final Consumer<ByteBuffer> addTo(float[] data, int from) {
    return new Consumer<>() {
      private int at = from;

      @Override
      public void accept(ByteBuffer part) {
        while (part.hasRemaining()) {
          int size = Math.min(BLOCK, part.remaining() / format.bytes());
          read(part, block, 0, size);
          add(block, data, at, size);
          at += size;
        }
      }
    };
  }

  /**
   * Writes the sums of what is read and of {@code data}, from an index on, which stays as it is.
   */
  final BiConsumer<ByteBuffer, ByteBuffer> sums(float[] data, int from) {
    return blocks(
        from,
        (at, size, frame) -> {
          for (int i = 0; i < size; i++) {
            block[i] += data[at + i];
          }
          write(block, 0, size, frame);
        });
  }

  /** As {@link #sums}; {@code data} becomes what others will read of them. */
  final BiConsumer<ByteBuffer, ByteBuffer> sumsKept(float[] data, int from) {
    return blocks(
        from,
        (at, size, frame) -> {
          add(block, data, at, size);
          round(data, at, size);
          write(data, at, size, frame);
        });
  }

  /** What is done with a block that was read. */
  private interface Block {
    void sum(int at, int size, ByteBuffer frame);
  }

  private BiConsumer<ByteBuffer, ByteBuffer> blocks(int from, Block work) {
    return new BiConsumer<>() {
      private int at = from;

      @Override
      public void accept(ByteBuffer part, ByteBuffer frame) {
        while (part.hasRemaining()) {
          int size = Math.min(BLOCK, part.remaining() / format.bytes());
          read(part, block, 0, size);
          work.sum(at, size, frame);
          at += size;
        }
      }
    };
  }

  static void add(float[] values, float[] data, int from, int size) {
    for (int i = 0; i < size; i++) {
      data[from + i] += values[i];
    }
  }

  private static final class Float32Frames extends FloatFrames {
    Float32Frames() {
      super(FloatFormat.FLOAT32);
    }

    @Override
    void round(float[] data, int from, int size) {} // they travel as they are

    @Override
    void write(float[] data, int from, int size, ByteBuffer frame) {
      frame.asFloatBuffer().put(data, from, size);
      frame.position(frame.position() + bytes(size));
    }

    @Override
    void read(ByteBuffer frame, float[] data, int from, int size) {
      frame.asFloatBuffer().get(data, from, size);
      frame.position(frame.position() + bytes(size));
    }
  }

  private static final class Bfloat16Frames extends FloatFrames {
    private final short[] halves = new short[BLOCK];

    Bfloat16Frames() {
      super(FloatFormat.BFLOAT16);
    }

    @Override
    void round(float[] data, int from, int size) {
      for (int i = from; i < from + size; i++) {
        data[i] = Bfloat16.widen(Bfloat16.round(data[i]));
      }
    }

    @Override
    void write(float[] data, int from, int size, ByteBuffer frame) {
      ShortBuffer out = frame.asShortBuffer();
      for (int done = 0; done < size; done += BLOCK) {
        int n = Math.min(BLOCK, size - done);
        for (int i = 0; i < n; i++) {
          halves[i] = Bfloat16.round(data[from + done + i]);
        }
        out.put(halves, 0, n);
      }
      frame.position(frame.position() + bytes(size));
    }

    @Override
    void read(ByteBuffer frame, float[] data, int from, int size) {
      ShortBuffer in = frame.asShortBuffer();
      for (int done = 0; done < size; done += BLOCK) {
        int n = Math.min(BLOCK, size - done);
        in.get(halves, 0, n);
        for (int i = 0; i < n; i++) {
          data[from + done + i] = Bfloat16.widen(halves[i]);
        }
      }
      frame.position(frame.position() + bytes(size));
    }
  }
}
