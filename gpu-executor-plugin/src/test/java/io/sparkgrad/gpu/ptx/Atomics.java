// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Map;

/** {@code atom} and {@code red}. Lanes take their turns in order. */
final class Atomics {
  private Atomics() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("atom", Atomics::decode);
    decoders.put("red", Atomics::decode);
  }

  private static void decode(Assembler a, Statement s) {
    if (s.has("async")) {
      throw s.unknown();
    }
    boolean returns = s.opcode().equals("atom");
    Type type = s.type();
    String op = operation(s);
    // Registers of the bits: floats are computed on in combine().
    Type bits = type.bytes == 8 ? Type.B64 : type.bytes == 4 ? Type.B32 : Type.B16;
    int at = returns ? 1 : 0;
    boolean wide = type.bytes == 8;
    int value = a.source(s, literalBits(s.operand(at + 1), type), bits);
    boolean cas = op.equals("cas");
    int swap = cas ? a.source(s, at + 2, bits) : value;
    Access access = Access.of(a, s, s.operand(at), Access.space(s));
    int y = returns ? a.target(s, 0, bits) : 0;
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              access.locate(w, i, type.bytes, Access.Use.ATOMIC);
              byte[] in = w.in[i];
              int place = w.at[i];
              long old = read(in, place, type);
              long x = wide ? w.l[value][i] : w.r[value][i];
              long result;
              if (cas) {
                long other = wide ? w.l[swap][i] : w.r[swap][i];
                result = same(old, x, type) ? other : old;
              } else {
                result = combine(s, op, type, old, x);
              }
              write(in, place, type, result);
              if (returns && wide) {
                w.l[y][i] = old;
              } else if (returns) {
                w.r[y][i] = (int) old;
              }
            }));
  }

  /** A literal as the integer that has its bits. */
  private static Operand literalBits(Operand operand, Type type) {
    return operand instanceof Operand.Literal literal
        ? new Operand.Literal(Literals.bits(literal, type), Operand.Literal.Kind.INTEGER)
        : operand;
  }

  private static String operation(Statement s) {
    for (String part : s.parts().subList(1, s.parts().size())) {
      switch (part) {
        case "add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec" -> {
          return part;
        }
        default -> {
          // A space, scope, order or type.
        }
      }
    }
    throw s.unknown();
  }

  private static boolean same(long a, long b, Type type) {
    return type.bytes == 8 ? a == b : type.bytes == 4 ? (int) a == (int) b : (short) a == (short) b;
  }

  /** The bits that an operation makes of the bits {@code old} and {@code x}. */
  static long combine(Statement s, String op, Type type, long old, long x) {
    return switch (op) {
      case "exch" -> x;
      case "and" -> old & x;
      case "or" -> old | x;
      case "xor" -> old ^ x;
      case "add" -> add(s, type, old, x);
      case "min" -> less(type, old, x) ? old : x;
      case "max" -> less(type, old, x) ? x : old;
      case "inc" -> Integer.compareUnsigned((int) old, (int) x) >= 0 ? 0 : old + 1;
      case "dec" -> (int) old == 0 || Integer.compareUnsigned((int) old, (int) x) > 0 ? x : old - 1;
      default -> throw s.unknown();
    };
  }

  private static long add(Statement s, Type type, long old, long x) {
    return switch (type) {
      case F32 ->
          Float.floatToRawIntBits(Float.intBitsToFloat((int) old) + Float.intBitsToFloat((int) x));
      case F64 ->
          Double.doubleToRawLongBits(Double.longBitsToDouble(old) + Double.longBitsToDouble(x));
      case F16, BF16 -> half(type, (int) old, (int) x);
      case F16X2 -> pair(Type.F16, (int) old, (int) x);
      case BF16X2 -> pair(Type.BF16, (int) old, (int) x);
      case TF32, PRED -> throw s.unknown();
      default -> old + x;
    };
  }

  private static int half(Type type, int old, int x) {
    return Halves.narrow((double) Halves.widen(old, type) + Halves.widen(x, type), type);
  }

  private static int pair(Type type, int old, int x) {
    return half(type, old, x) | half(type, old >>> 16, x >>> 16) << 16;
  }

  private static boolean less(Type type, long a, long b) {
    if (type.bytes == 8) {
      return type.signed() ? a < b : Long.compareUnsigned(a, b) < 0;
    }
    return type.signed() ? (int) a < (int) b : Integer.compareUnsigned((int) a, (int) b) < 0;
  }

  private static long read(byte[] in, int at, Type type) {
    return switch (type.bytes) {
      case 8 -> Bytes.getLong(in, at);
      case 4 -> Bytes.getInt(in, at);
      default -> Bytes.getShort(in, at) & 0xffff;
    };
  }

  private static void write(byte[] in, int at, Type type, long value) {
    switch (type.bytes) {
      case 8 -> Bytes.put(in, at, value);
      case 4 -> Bytes.put(in, at, (int) value);
      default -> Bytes.put(in, at, (short) value);
    }
  }
}
