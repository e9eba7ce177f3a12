// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** Instructions on parts of words: fields, bytes, and shifts across two words. */
final class Fields {
  private Fields() {}

  /** {@code bfe}: {@code length} bits of {@code x} from bit {@code start} on. */
  static long extract(long x, int start, int length, int width, boolean signed) {
    int from = start & 0xff;
    int count = length & 0xff;
    if (count == 0) {
      return 0;
    }
    int inside = Math.max(0, Math.min(count, width - from));
    long field = inside == 0 ? 0 : (x >>> from) & (-1L >>> (64 - inside));
    // The sign is the field's top bit, or the word's where the field reaches beyond it.
    boolean negative = signed && ((x >> Math.min(from + count - 1, width - 1)) & 1) != 0;
    return negative && inside < 64 ? field | (-1L << inside) : field;
  }

  /** {@code bfi}: puts the low bits of {@code x} over those of {@code y}. */
  static long insert(long x, long y, int start, int length, int width) {
    int from = start & 0xff;
    int count = Math.min(length & 0xff, width - Math.min(from, width));
    if (count <= 0) {
      return y;
    }
    long mask = (count == 64 ? -1L : (1L << count) - 1) << from;
    return (y & ~mask) | ((x << from) & mask);
  }

  /** {@code bfi.b32} with its four operands. */
  static Body insert(int y, int[] x, int length) {
    return Moves.masked(
        (w, i) ->
            w.r[y][i] = (int) insert(w.r[x[0]][i], w.r[x[1]][i], w.r[x[2]][i], w.r[length][i], 32));
  }

  /** {@code prmt}: chooses each byte of the result from the eight of {@code a} and {@code b}. */
  static IntMath.Each permute(Statement s) {
    String mode = s.parts().get(s.parts().size() - 1);
    return switch (mode) {
      case "b32" -> (a, b, c) -> permute(a, b, c);
      case "f4e" -> (a, b, c) -> permute(a, b, new int[] {0x3210, 0x4321, 0x5432, 0x6543}[c & 3]);
      case "b4e" -> (a, b, c) -> permute(a, b, new int[] {0x5670, 0x6701, 0x7012, 0x0123}[c & 3]);
      case "rc8" -> (a, b, c) -> permute(a, b, 0x1111 * (c & 3));
      case "ecl" -> (a, b, c) -> permute(a, b, new int[] {0x3210, 0x3211, 0x3222, 0x3333}[c & 3]);
      case "ecr" -> (a, b, c) -> permute(a, b, new int[] {0x0000, 0x1110, 0x2210, 0x3210}[c & 3]);
      case "rc16" -> (a, b, c) -> permute(a, b, (c & 1) == 0 ? 0x1010 : 0x3232);
      default -> throw s.unknown();
    };
  }

  private static int permute(int a, int b, int selector) {
    long bytes = Integer.toUnsignedLong(a) | (long) b << 32;
    int result = 0;
    for (int k = 0; k < 4; k++) {
      int choice = (selector >> (4 * k)) & 0xf;
      int chosen = (int) (bytes >>> (8 * (choice & 7))) & 0xff;
      if ((choice & 8) != 0) {
        chosen = (chosen & 0x80) != 0 ? 0xff : 0;
      }
      result |= chosen << (8 * k);
    }
    return result;
  }

  /** {@code shf}: shifts the pair {@code b:a}. */
  static IntMath.Each funnel(Statement s) {
    boolean left = s.has("l");
    boolean wrap = s.has("wrap");
    return (a, b, c) -> {
      int n = wrap ? c & 31 : (int) Math.min(Integer.toUnsignedLong(c), 32);
      long pair = Integer.toUnsignedLong(a) | (long) b << 32;
      return left ? (int) (pair << n >>> 32) : (int) (pair >>> n);
    };
  }

  /** {@code dp4a}: adds the products of four bytes. */
  static IntMath.Each dot4(Statement s) {
    boolean signedA = s.type(1).signed();
    boolean signedB = s.type().signed();
    return (a, b, c) -> {
      int sum = c;
      for (int k = 0; k < 32; k += 8) {
        int x = signedA ? (byte) (a >> k) : (a >> k) & 0xff;
        int y = signedB ? (byte) (b >> k) : (b >> k) & 0xff;
        sum += x * y;
      }
      return sum;
    };
  }
}
