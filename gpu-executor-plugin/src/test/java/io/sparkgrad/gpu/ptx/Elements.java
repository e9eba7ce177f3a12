// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import org.jspecify.annotations.Nullable;

/** Moves one element of each lane between registers and the places in {@link Warp#at}. */
final class Elements {
  private Elements() {}

  static void loadFloat(Warp w, int lanes, byte @Nullable [] in, int register, int offset) {
    float[] to = w.f[register];
    int[] at = w.at;
    if (lanes == -1 && in != null) {
      for (int i = 0; i < 32; i++) {
        to[i] = Bytes.getFloat(in, at[i] + offset);
      }
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = Bytes.getFloat(in == null ? w.in[i] : in, at[i] + offset);
    }
  }

  static void storeFloat(Warp w, int lanes, byte @Nullable [] in, int register, int offset) {
    float[] from = w.f[register];
    int[] at = w.at;
    if (lanes == -1 && in != null) {
      for (int i = 0; i < 32; i++) {
        Bytes.put(in, at[i] + offset, from[i]);
      }
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      Bytes.put(in == null ? w.in[i] : in, at[i] + offset, from[i]);
    }
  }

  static void loadInt(Warp w, int lanes, byte @Nullable [] in, int register, int offset) {
    int[] to = w.r[register];
    int[] at = w.at;
    if (lanes == -1 && in != null) {
      for (int i = 0; i < 32; i++) {
        to[i] = Bytes.getInt(in, at[i] + offset);
      }
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = Bytes.getInt(in == null ? w.in[i] : in, at[i] + offset);
    }
  }

  static void storeInt(Warp w, int lanes, byte @Nullable [] in, int register, int offset) {
    int[] from = w.r[register];
    int[] at = w.at;
    if (lanes == -1 && in != null) {
      for (int i = 0; i < 32; i++) {
        Bytes.put(in, at[i] + offset, from[i]);
      }
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      Bytes.put(in == null ? w.in[i] : in, at[i] + offset, from[i]);
    }
  }

  static void loadDouble(Warp w, int lanes, byte @Nullable [] in, int register, int offset) {
    double[] to = w.d[register];
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = Bytes.getDouble(in == null ? w.in[i] : in, w.at[i] + offset);
    }
  }

  static void storeDouble(Warp w, int lanes, byte @Nullable [] in, int register, int offset) {
    double[] from = w.d[register];
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      Bytes.put(in == null ? w.in[i] : in, w.at[i] + offset, from[i]);
    }
  }

  static void loadLong(Warp w, int lanes, byte @Nullable [] in, int register, int offset) {
    long[] to = w.l[register];
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = Bytes.getLong(in == null ? w.in[i] : in, w.at[i] + offset);
    }
  }

  /** Widens a narrower element. */
  static void loadLong(
      Warp w, int lanes, byte @Nullable [] in, int register, int offset, Type type) {
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      int value = load(in == null ? w.in[i] : in, w.at[i] + offset, type);
      w.l[register][i] = type.signed() ? value : Integer.toUnsignedLong(value);
    }
  }

  static void storeLong(
      Warp w, int lanes, byte @Nullable [] in, int register, int offset, int bytes) {
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      byte[] to = in == null ? w.in[i] : in;
      long value = w.l[register][i];
      if (bytes == 8) {
        Bytes.put(to, w.at[i] + offset, value);
      } else {
        store(to, w.at[i] + offset, (int) value, bytes);
      }
    }
  }

  /** Elements of fewer than 32 bits into a register of type {@code held}. */
  static void loadNarrow(
      Warp w, int lanes, byte @Nullable [] in, int register, int offset, Type type, Type held) {
    int mask = held.bytes == 4 ? -1 : (1 << held.bits()) - 1;
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      w.r[register][i] = load(in == null ? w.in[i] : in, w.at[i] + offset, type) & mask;
    }
  }

  static void storeNarrow(
      Warp w, int lanes, byte @Nullable [] in, int register, int offset, Type type) {
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      store(in == null ? w.in[i] : in, w.at[i] + offset, w.r[register][i], type.bytes);
    }
  }

  private static int load(byte[] in, int at, Type type) {
    return switch (type.bytes) {
      case 1 -> type.signed() ? in[at] : in[at] & 0xff;
      case 2 -> type.signed() ? Bytes.getShort(in, at) : Bytes.getShort(in, at) & 0xffff;
      default -> Bytes.getInt(in, at);
    };
  }

  private static void store(byte[] to, int at, int value, int bytes) {
    switch (bytes) {
      case 1 -> to[at] = (byte) value;
      case 2 -> Bytes.put(to, at, (short) value);
      default -> Bytes.put(to, at, value);
    }
  }
}
