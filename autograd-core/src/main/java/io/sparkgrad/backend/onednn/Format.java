// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.jspecify.annotations.Nullable;

/**
 * How FLOAT32 numbers of some dimensions stand in memory. Immutable and interned: equal formats are
 * one object, and live for ever, being few.
 */
final class Format {
  private static final ConcurrentHashMap<ByteBuffer, Format> KNOWN = new ConcurrentHashMap<>();
  private static final List<Format> ALL = new CopyOnWriteArrayList<>();

  /** The orders in which images stand: row-major, channels last, in blocks of channels. */
  private static final int[] USUAL = {
    dnnl.dnnl_nchw, dnnl.dnnl_nhwc, dnnl.dnnl_nChw16c, dnnl.dnnl_nChw8c, dnnl.dnnl_nChw4c
  };

  private final dnnl_memory_desc descriptor;
  private final long[] dims;
  private final long bytes;
  private final boolean rowMajor;
  private final boolean padded;
  private volatile @Nullable Format rowMajorTwin;
  private volatile long entryBytes = -1;

  private Format(dnnl_memory_desc descriptor, long[] dims) {
    this.descriptor = descriptor;
    this.dims = dims;
    this.bytes = dnnl.dnnl_memory_desc_get_size(descriptor);
    dnnl_memory_desc plain = strided(dims, rowMajorStrides(dims));
    this.rowMajor = dnnl.dnnl_memory_desc_equal(descriptor, plain) != 0;
    dnnl.dnnl_memory_desc_destroy(plain);
    this.padded = bytes != 4 * Arrays.stream(dims).reduce(1, (a, b) -> a * b);
  }

  /** Row-major and without gaps. */
  static Format rowMajor(long... dims) {
    return of(strided(dims, rowMajorStrides(dims)), dims);
  }

  /** With this step in elements along each dimension. */
  static Format ofStrides(long[] dims, long[] strides) {
    return of(strided(dims, strides), dims);
  }

  /**
   * The format that a descriptor says.
   *
   * @param descriptor copied, and left to its owner
   */
  static Format copyOf(dnnl_memory_desc descriptor, long... dims) {
    return of(clone(descriptor), dims);
  }

  private static dnnl_memory_desc clone(dnnl_memory_desc descriptor) {
    dnnl_memory_desc copy = new dnnl_memory_desc();
    Dnnl.check(dnnl.dnnl_memory_desc_clone(copy, descriptor), "copy of a memory descriptor");
    return copy;
  }

  /** A descriptor that leaves the layout to the primitive that is made with it. */
  static dnnl_memory_desc any(long... dims) {
    dnnl_memory_desc descriptor = new dnnl_memory_desc();
    Dnnl.check(
        dnnl.dnnl_memory_desc_create_with_tag(
            descriptor, dims.length, dims, dnnl.dnnl_f32, dnnl.dnnl_format_tag_any),
        "memory descriptor");
    return descriptor;
  }

  private static Format of(dnnl_memory_desc descriptor, long[] dims) {
    Format known = KNOWN.computeIfAbsent(blob(descriptor), key -> equalOrNew(descriptor, dims));
    dnnl.dnnl_memory_desc_destroy(descriptor);
    return known;
  }

  /** Descriptors of one layout may differ in what does not matter. */
  private static synchronized Format equalOrNew(dnnl_memory_desc descriptor, long[] dims) {
    for (Format f : ALL) {
      if (Arrays.equals(f.dims, dims)
          && dnnl.dnnl_memory_desc_equal(f.descriptor, descriptor) != 0) {
        return f;
      }
    }
    Format made = new Format(clone(descriptor), dims.clone());
    ALL.add(made);
    return made;
  }

  private static ByteBuffer blob(dnnl_memory_desc descriptor) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      Dnnl.check(
          dnnl.dnnl_memory_desc_get_blob((BytePointer) null, size, descriptor), "size of a blob");
      byte[] bytes = new byte[(int) size.get()];
      Dnnl.check(dnnl.dnnl_memory_desc_get_blob(bytes, size, descriptor), "blob");
      return ByteBuffer.wrap(bytes);
    }
  }

  private static dnnl_memory_desc strided(long[] dims, long[] strides) {
    dnnl_memory_desc descriptor = new dnnl_memory_desc();
    Dnnl.check(
        dnnl.dnnl_memory_desc_create_with_strides(
            descriptor, dims.length, dims, dnnl.dnnl_f32, strides),
        "memory descriptor of " + Arrays.toString(dims));
    return descriptor;
  }

  static long[] rowMajorStrides(long[] dims) {
    long[] strides = new long[dims.length];
    long step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= dims[i];
    }
    return strides;
  }

  /** The first so many of the outermost dimension, in place. */
  Format first(long count) {
    long[] fewer = dims.clone();
    fewer[0] = count;
    dnnl_memory_desc part = new dnnl_memory_desc();
    Dnnl.check(
        dnnl.dnnl_memory_desc_create_submemory(part, descriptor, fewer, new long[dims.length]),
        "part of " + this);
    return of(part, fewer);
  }

  /**
   * The same order, and blocks of as many channels, for other numbers of images, channels, rows and
   * columns; row-major where the order is none of the usual ones.
   */
  Format withDims(long... other) {
    for (int tag : USUAL) {
      if (is(tag)) {
        return ofTag(tag, other);
      }
    }
    return rowMajor(other);
  }

  /** Whether it is the layout that oneDNN calls so. */
  boolean is(int tag) {
    return dims.length == 4 && ofTag(tag, dims) == this;
  }

  /** The same layout of another number of images; null if it is none of the usual ones. */
  @Nullable Format ofAsManyImages(long count) {
    if (dims.length != 4) {
      return null;
    }
    Format other = withDims(count, dims[1], dims[2], dims[3]);
    return other.isRowMajor() && !isRowMajor() ? null : other;
  }

  private static Format ofTag(int tag, long[] dims) {
    dnnl_memory_desc descriptor = new dnnl_memory_desc();
    Dnnl.check(
        dnnl.dnnl_memory_desc_create_with_tag(descriptor, dims.length, dims, dnnl.dnnl_f32, tag),
        "memory descriptor");
    return of(descriptor, dims);
  }

  dnnl_memory_desc descriptor() {
    return descriptor;
  }

  long[] dims() {
    return dims.clone();
  }

  boolean sameDims(Format other) {
    return Arrays.equals(dims, other.dims);
  }

  /** Of the memory, padding included. */
  long bytes() {
    return bytes;
  }

  /**
   * From one entry of the first dimension to the next; 0 if the entries do not stand one after the
   * other.
   */
  long entryBytes() {
    long known = entryBytes;
    if (known < 0) {
      long one = dims[0] == 0 ? 0 : first(1).bytes;
      known = one * dims[0] == bytes ? one : 0;
      entryBytes = known;
    }
    return known;
  }

  boolean isRowMajor() {
    return rowMajor;
  }

  /** Whether there are bytes that belong to no element; they have to be 0. */
  boolean isPadded() {
    return padded;
  }

  /** The same dimensions in row-major order. */
  Format inRowMajor() {
    Format twin = rowMajorTwin;
    if (twin == null) {
      twin = rowMajor ? this : rowMajor(dims);
      rowMajorTwin = twin;
    }
    return twin;
  }

  @Override
  public String toString() {
    return "Format" + Arrays.toString(dims) + (rowMajor ? "" : " blocked");
  }
}
