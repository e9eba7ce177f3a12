// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside the heap, by address; nothing is checked. {@code sun.misc.Unsafe} is looked up by
 * name because javac warns of every mention of it in a way that cannot be silenced; calls through
 * constant method handles cost the same.
 */
final class RawMemory {
  private static final MethodHandle ALLOCATE = method("allocateMemory", long.class, long.class);
  private static final MethodHandle SET =
      method("setMemory", void.class, long.class, long.class, byte.class);
  private static final MethodHandle COPY =
      method(
          "copyMemory", void.class, Object.class, long.class, Object.class, long.class, long.class);

  /** Where the elements of an array begin. */
  private static final long FLOATS = offset(float[].class);

  private static final long INTS = offset(int[].class);

  private RawMemory() {}

  private static MethodHandle method(String name, Class<?> result, Class<?>... parameters) {
    try {
      Class<?> unsafe = Class.forName("sun.misc.Unsafe");
      Field instance = unsafe.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      return MethodHandles.lookup()
          .findVirtual(unsafe, name, MethodType.methodType(result, parameters))
          .bindTo(instance.get(null));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static long offset(Class<?> array) {
    try {
      return (int) method("arrayBaseOffset", int.class, Class.class).invokeExact(array);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * New memory, whose contents are whatever they are.
   *
   * @throws OutOfMemoryError if the system has none
   */
  static long allocate(long bytes) {
    try {
      return (long) ALLOCATE.invokeExact(bytes);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  static void zero(long address, long bytes) {
    try {
      SET.invokeExact(address, bytes, (byte) 0);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  static void copy(long from, long to, long bytes) {
    copy(null, from, null, to, bytes);
  }

  static void write(float[] from, int start, long to, int count) {
    copy(from, FLOATS + 4L * start, null, to, 4L * count);
  }

  static void read(long from, float[] to, int start, int count) {
    copy(null, from, to, FLOATS + 4L * start, 4L * count);
  }

  /** The bits. */
  static void read(long from, int[] to, int count) {
    copy(null, from, to, INTS, 4L * count);
  }

  private static void copy(
      @Nullable Object from, long fromOffset, @Nullable Object to, long toOffset, long bytes) {
    try {
      COPY.invokeExact(from, fromOffset, to, toOffset, bytes);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** None of the methods declares a checked exception. */
  private static RuntimeException unchecked(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return (RuntimeException) e;
  }
}
