// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** Arithmetic and logic of up to 32 bits. Division by zero gives all ones, as the hardware does. */
final class IntMath {
  private IntMath() {}

  @FunctionalInterface
  interface Each {
    int of(int a, int b, int c);
  }

  static void decode(Assembler a, Statement s, Type type) {
    int[] x = Arithmetic.sources(a, s, type);
    Loops.Ints loop =
        switch (s.opcode()) {
          case "lop3" -> lop3(lut(s));
          case "bfi" -> {
            int field = a.source(s, 4, Type.U32);
            a.emit(s, Fields.insert(a.target(s, 0, type), x, field));
            yield null;
          }
          default -> loop(s, type);
        };
    if (loop != null) {
      Loops.Ints fit = type.bytes == 4 ? loop : narrow(loop, type);
      a.emit(s, new Loops.OnInts(fit, a.target(s, 0, type), x[0], x[1], x[2]));
    }
  }

  private static Loops.Ints loop(Statement s, Type type) {
    boolean signed = type.signed();
    return switch (s.opcode()) {
      case "add" ->
          s.has("sat")
              ? each((a, b, c) -> saturate((long) a + b))
              : (d, a, b, c) -> {
                for (int i = 0; i < 32; i++) {
                  d[i] = a[i] + b[i];
                }
              };
      case "sub" ->
          s.has("sat")
              ? each((a, b, c) -> saturate((long) a - b))
              : (d, a, b, c) -> {
                for (int i = 0; i < 32; i++) {
                  d[i] = a[i] - b[i];
                }
              };
      case "mul" ->
          s.has("hi")
              ? each((a, b, c) -> high(a, b, type))
              : (d, a, b, c) -> {
                for (int i = 0; i < 32; i++) {
                  d[i] = a[i] * b[i];
                }
              };
      case "mad" ->
          s.has("hi")
              ? each((a, b, c) -> high(a, b, type) + c)
              : (d, a, b, c) -> {
                for (int i = 0; i < 32; i++) {
                  d[i] = a[i] * b[i] + c[i];
                }
              };
      case "and" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] & b[i];
            }
          };
      case "or" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] | b[i];
            }
          };
      case "xor" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] ^ b[i];
            }
          };
      case "shl" -> each((a, b, c) -> Integer.compareUnsigned(b, 31) > 0 ? 0 : a << b);
      case "shr" ->
          signed
              ? each((a, b, c) -> a >> (Integer.compareUnsigned(b, 31) > 0 ? 31 : b))
              : each((a, b, c) -> Integer.compareUnsigned(b, 31) > 0 ? 0 : a >>> b);
      default -> each(rare(s, signed));
    };
  }

  private static Each rare(Statement s, boolean signed) {
    return switch (s.opcode()) {
      case "div" ->
          signed
              ? (a, b, c) -> b == 0 ? -1 : a / b
              : (a, b, c) -> b == 0 ? -1 : Integer.divideUnsigned(a, b);
      case "rem" ->
          signed
              ? (a, b, c) -> b == 0 ? -1 : a % b
              : (a, b, c) -> b == 0 ? -1 : Integer.remainderUnsigned(a, b);
      case "abs" -> (a, b, c) -> Math.abs(a);
      case "neg" -> (a, b, c) -> -a;
      case "min" ->
          signed
              ? (a, b, c) -> Math.min(a, b)
              : (a, b, c) -> Integer.compareUnsigned(a, b) < 0 ? a : b;
      case "max" ->
          signed
              ? (a, b, c) -> Math.max(a, b)
              : (a, b, c) -> Integer.compareUnsigned(a, b) > 0 ? a : b;
      case "not" -> (a, b, c) -> ~a;
      case "cnot" -> (a, b, c) -> a == 0 ? 1 : 0;
      case "sad" ->
          signed
              ? (a, b, c) -> c + (a > b ? a - b : b - a)
              : (a, b, c) -> c + (Integer.compareUnsigned(a, b) > 0 ? a - b : b - a);
      case "mul24" -> (a, b, c) -> (int) (product24(a, b, signed) >> (s.has("hi") ? 16 : 0));
      case "mad24" -> (a, b, c) -> (int) (product24(a, b, signed) >> (s.has("hi") ? 16 : 0)) + c;
      case "brev" -> (a, b, c) -> Integer.reverse(a);
      case "bfe" -> (a, b, c) -> (int) Fields.extract(a, b, c, 32, signed);
      case "prmt" -> Fields.permute(s);
      case "shf" -> Fields.funnel(s);
      case "dp4a" -> Fields.dot4(s);
      default -> throw s.unknown();
    };
  }

  static Loops.Ints each(Each op) {
    return (d, a, b, c) -> {
      for (int i = 0; i < 32; i++) {
        d[i] = op.of(a[i], b[i], c[i]);
      }
    };
  }

  /** Runs a loop on the low bits of registers, extended by the sign or zeros of their type. */
  private static Loops.Ints narrow(Loops.Ints loop, Type type) {
    int mask = (1 << type.bits()) - 1;
    return (d, a, b, c) -> {
      loop.run(d, extended(a, type), extended(b, type), extended(c, type));
      for (int i = 0; i < 32; i++) {
        d[i] &= mask;
      }
    };
  }

  private static int[] extended(int[] from, Type type) {
    int[] to = new int[32];
    for (int i = 0; i < 32; i++) {
      to[i] = extend(from[i], type);
    }
    return to;
  }

  /** The low bits of {@code x} that {@code type} has, extended to 32. */
  static int extend(int x, Type type) {
    int unused = 32 - type.bits();
    return type.signed() ? x << unused >> unused : x << unused >>> unused;
  }

  /** The upper half of a product. */
  private static int high(int a, int b, Type type) {
    long product =
        type.signed() ? (long) a * b : Integer.toUnsignedLong(a) * Integer.toUnsignedLong(b);
    return (int) (product >> type.bits());
  }

  private static long product24(int a, int b, boolean signed) {
    return signed ? (long) (a << 8 >> 8) * (b << 8 >> 8) : (long) (a & 0xffffff) * (b & 0xffffff);
  }

  private static int saturate(long x) {
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, x));
  }

  private static int lut(Statement s) {
    if (s.operand(4) instanceof Operand.Literal literal) {
      return (int) literal.bits();
    }
    throw s.error("the table must be a literal");
  }

  /** Bit {@code 4a + 2b + c} of the table is the result. */
  static Loops.Ints lop3(int table) {
    return each(
        (a, b, c) -> {
          int result = 0;
          for (int k = 0; k < 8; k++) {
            if ((table >> k & 1) != 0) {
              int term = (k & 4) != 0 ? a : ~a;
              term &= (k & 2) != 0 ? b : ~b;
              result |= term & ((k & 1) != 0 ? c : ~c);
            }
          }
          return result;
        });
  }
}
