// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The arguments of a kernel as it reads them: one after the other, each aligned to its own size.
 * Filled once, then unchanged. Remembers which of them are addresses, so that a driver can check
 * that they are of memory.
 */
public final class Arguments {
  private static final int INITIAL = 64;

  private ByteBuffer bytes = ByteBuffer.allocate(INITIAL).order(ByteOrder.LITTLE_ENDIAN);

  /** Where the addresses stand; the first {@link #addresses} count. */
  private int[] places = new int[8];

  private int addresses;

  /** A device address; 0 is a null pointer. */
  public Arguments address(long value) {
    i64(value);
    if (addresses == places.length) {
      places = Arrays.copyOf(places, 2 * addresses);
    }
    places[addresses++] = bytes.position() - Long.BYTES;
    return this;
  }

  /** How many addresses there are. */
  public int addresses() {
    return addresses;
  }

  /** The i-th of the addresses. */
  public long addressAt(int i) {
    return bytes.getLong(places[i]);
  }

  /** In bytes. */
  public int size() {
    return bytes.position();
  }

  /** Writes the bytes at the position of a buffer. */
  public void copyTo(ByteBuffer target) {
    target.put(bytes.array(), 0, bytes.position());
  }

  public Arguments i32(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  public Arguments i64(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  public Arguments f32(float value) {
    room(Float.BYTES).putFloat(value);
    return this;
  }

  public Arguments f64(double value) {
    room(Double.BYTES).putDouble(value);
    return this;
  }

  private ByteBuffer room(int size) {
    int position = (bytes.position() + size - 1) / size * size;
    if (position + size > bytes.capacity()) {
      ByteBuffer larger =
          ByteBuffer.wrap(Arrays.copyOf(bytes.array(), 2 * bytes.capacity()))
              .order(ByteOrder.LITTLE_ENDIAN);
      bytes = larger.position(bytes.position());
    }
    return bytes.position(position);
  }

  /** A copy of the bytes, little-endian. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Arguments that
        && Arrays.equals(
            bytes.array(), 0, bytes.position(), that.bytes.array(), 0, that.bytes.position());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toBytes());
  }
}
