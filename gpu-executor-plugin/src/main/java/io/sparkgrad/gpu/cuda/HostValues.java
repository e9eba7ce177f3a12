// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.DType;
import java.nio.ByteBuffer;

/** An array on the host, read and written as elements of any type; BOOL is 1 for all but 0. */
abstract class HostValues {
  abstract double number(int i);

  abstract long integer(int i);

  abstract void set(int i, double value);

  abstract void set(int i, long value);

  /** Whether the elements are of this type as they stand, and the copies take them. */
  abstract boolean isOf(DType dtype);

  abstract void copyTo(int from, int count, ByteBuffer target);

  abstract void copyFrom(ByteBuffer source, int to, int count);

  /** Writes elements at the position of the buffer. */
  final void write(int from, int count, DType dtype, ByteBuffer target) {
    if (isOf(dtype)) {
      int bytes = count * dtype.bytes();
      copyTo(from, count, target.slice(target.position(), bytes).order(target.order()));
      target.position(target.position() + bytes);
      return;
    }
    int end = from + count;
    switch (dtype) {
      case FLOAT32 -> {
        for (int i = from; i < end; i++) {
          target.putFloat((float) number(i));
        }
      }
      case FLOAT64 -> {
        for (int i = from; i < end; i++) {
          target.putDouble(number(i));
        }
      }
      case INT64 -> {
        for (int i = from; i < end; i++) {
          target.putLong(integer(i));
        }
      }
      case BOOL -> {
        for (int i = from; i < end; i++) {
          target.put((byte) (number(i) == 0 ? 0 : 1));
        }
      }
    }
  }

  /** Reads elements from the position of the buffer. */
  final void read(int to, int count, DType dtype, ByteBuffer source) {
    if (isOf(dtype)) {
      int bytes = count * dtype.bytes();
      copyFrom(source.slice(source.position(), bytes).order(source.order()), to, count);
      source.position(source.position() + bytes);
      return;
    }
    int end = to + count;
    switch (dtype) {
      case FLOAT32 -> {
        for (int i = to; i < end; i++) {
          set(i, (double) source.getFloat());
        }
      }
      case FLOAT64 -> {
        for (int i = to; i < end; i++) {
          set(i, source.getDouble());
        }
      }
      case INT64 -> {
        for (int i = to; i < end; i++) {
          set(i, source.getLong());
        }
      }
      case BOOL -> {
        for (int i = to; i < end; i++) {
          set(i, (long) source.get());
        }
      }
    }
  }

  static HostValues of(double[] values) {
    return new HostValues() {
      @Override
      double number(int i) {
        return values[i];
      }

      @Override
      long integer(int i) {
        return (long) values[i];
      }

      @Override
      void set(int i, double value) {
        values[i] = value;
      }

      @Override
      void set(int i, long value) {
        values[i] = value;
      }

      @Override
      boolean isOf(DType dtype) {
        return dtype == DType.FLOAT64;
      }

      @Override
      void copyTo(int from, int count, ByteBuffer target) {
        target.asDoubleBuffer().put(values, from, count);
      }

      @Override
      void copyFrom(ByteBuffer source, int to, int count) {
        source.asDoubleBuffer().get(values, to, count);
      }
    };
  }

  /** What stands from {@code offset} on. */
  static HostValues of(float[] values, int offset) {
    return new HostValues() {
      @Override
      double number(int i) {
        return values[offset + i];
      }

      @Override
      long integer(int i) {
        return (long) values[offset + i];
      }

      @Override
      void set(int i, double value) {
        values[offset + i] = (float) value;
      }

      @Override
      void set(int i, long value) {
        values[offset + i] = value;
      }

      @Override
      boolean isOf(DType dtype) {
        return dtype == DType.FLOAT32;
      }

      @Override
      void copyTo(int from, int count, ByteBuffer target) {
        target.asFloatBuffer().put(values, offset + from, count);
      }

      @Override
      void copyFrom(ByteBuffer source, int to, int count) {
        source.asFloatBuffer().get(values, offset + to, count);
      }
    };
  }

  static HostValues of(long[] values) {
    return new HostValues() {
      @Override
      double number(int i) {
        return values[i];
      }

      @Override
      long integer(int i) {
        return values[i];
      }

      @Override
      void set(int i, double value) {
        values[i] = (long) value;
      }

      @Override
      void set(int i, long value) {
        values[i] = value;
      }

      @Override
      boolean isOf(DType dtype) {
        return dtype == DType.INT64;
      }

      @Override
      void copyTo(int from, int count, ByteBuffer target) {
        target.asLongBuffer().put(values, from, count);
      }

      @Override
      void copyFrom(ByteBuffer source, int to, int count) {
        source.asLongBuffer().get(values, to, count);
      }
    };
  }
}
