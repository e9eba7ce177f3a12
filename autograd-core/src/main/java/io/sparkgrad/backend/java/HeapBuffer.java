// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BackendException;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import org.jspecify.annotations.Nullable;

/** A primitive array, null once it was given back; BOOL is a byte of 0 or 1. */
public final class HeapBuffer extends Buffer {
  /** Some JVMs keep a few words of the largest array for themselves. */
  private static final int LONGEST = Integer.MAX_VALUE - 8;

  private final Backend backend;
  private final DType dtype;
  private final int length;
  private @Nullable Object array;

  HeapBuffer(Backend backend, DType dtype, long length) {
    if (length > LONGEST) {
      throw new BackendException(
          "java backend: a tensor of %d elements is longer than a Java array can be (%d)"
              .formatted(length, LONGEST));
    }
    this.backend = backend;
    this.dtype = dtype;
    this.length = (int) length;
    this.array =
        switch (dtype) {
          case FLOAT32 -> new float[this.length];
          case FLOAT64 -> new double[this.length];
          case INT64 -> new long[this.length];
          case BOOL -> new byte[this.length];
        };
  }

  /** The array behind a buffer of this kind; for backends that extend this one. */
  public static float[] floats(Buffer buffer) {
    return (float[]) of(buffer).array();
  }

  static HeapBuffer of(Buffer buffer) {
    if (buffer instanceof HeapBuffer heap) {
      return heap;
    }
    throw new BackendException(
        "java backend: the buffer belongs to backend " + buffer.backend().name());
  }

  static double[] doubles(Buffer buffer) {
    return (double[]) of(buffer).array();
  }

  static long[] longs(Buffer buffer) {
    return (long[]) of(buffer).array();
  }

  Object array() {
    Object a = array;
    if (a == null) {
      throw used();
    }
    return a;
  }

  @Override
  protected void free() {
    array = null;
  }

  int size() {
    return length;
  }

  /** Element i as a double; exact for all types but large INT64. */
  double get(int i) {
    Object a = array();
    if (a instanceof float[] f) {
      return f[i];
    }
    if (a instanceof double[] d) {
      return d[i];
    }
    return a instanceof long[] l ? l[i] : ((byte[]) a)[i];
  }

  /** Rounds to the type; BOOL takes 0 and everything else. */
  void set(int i, double value) {
    Object a = array();
    if (a instanceof float[] f) {
      f[i] = (float) value;
    } else if (a instanceof double[] d) {
      d[i] = value;
    } else if (a instanceof long[] l) {
      l[i] = (long) value;
    } else {
      ((byte[]) a)[i] = (byte) (value == 0 ? 0 : 1);
    }
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
}
