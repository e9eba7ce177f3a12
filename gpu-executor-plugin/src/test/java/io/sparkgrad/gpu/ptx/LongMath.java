// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** Arithmetic and logic of 64 bits. */
final class LongMath {
  private LongMath() {}

  @FunctionalInterface
  interface Each {
    long of(long a, long b, long c);
  }

  static void decode(Assembler a, Statement s, Type type) {
    switch (s.opcode()) {
      case "shl", "shr" -> shift(a, s, type);
      case "bfe" -> {
        int x = a.source(s, 1, type);
        int start = a.source(s, 2, Type.U32);
        int length = a.source(s, 3, Type.U32);
        int y = a.target(s, 0, type);
        a.emit(
            s,
            Moves.masked(
                (w, i) ->
                    w.l[y][i] =
                        Fields.extract(
                            w.l[x][i], w.r[start][i], w.r[length][i], 64, type.signed())));
      }
      case "bfi" -> {
        int x = a.source(s, 1, type);
        int over = a.source(s, 2, type);
        int start = a.source(s, 3, Type.U32);
        int length = a.source(s, 4, Type.U32);
        int y = a.target(s, 0, type);
        a.emit(
            s,
            Moves.masked(
                (w, i) ->
                    w.l[y][i] =
                        Fields.insert(w.l[x][i], w.l[over][i], w.r[start][i], w.r[length][i], 64)));
      }
      default -> {
        int[] x = Arithmetic.sources(a, s, type);
        a.emit(
            s, new Loops.OnLongs(loop(s, type.signed()), a.target(s, 0, type), x[0], x[1], x[2]));
      }
    }
  }

  private static void shift(Assembler a, Statement s, Type type) {
    int x = a.source(s, 1, type);
    int by = a.source(s, 2, Type.U32);
    int y = a.target(s, 0, type);
    boolean left = s.opcode().equals("shl");
    boolean signed = type.signed();
    a.emit(
        s,
        (w, lanes) -> {
          long[] out = lanes == -1 ? w.l[y] : w.l[0];
          long[] from = w.l[x];
          int[] count = w.r[by];
          for (int i = 0; i < 32; i++) {
            boolean beyond = Integer.compareUnsigned(count[i], 63) > 0;
            if (left) {
              out[i] = beyond ? 0 : from[i] << count[i];
            } else if (signed) {
              out[i] = from[i] >> (beyond ? 63 : count[i]);
            } else {
              out[i] = beyond ? 0 : from[i] >>> count[i];
            }
          }
          if (lanes != -1) {
            Loops.commit(out, w.l[y], lanes);
          }
        });
  }

  private static Loops.Longs loop(Statement s, boolean signed) {
    return switch (s.opcode()) {
      case "add" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] + b[i];
            }
          };
      case "sub" ->
          (d, a, b, c) -> {
            for (int i = 0; i < 32; i++) {
              d[i] = a[i] - b[i];
            }
          };
      default -> each(rare(s, signed));
    };
  }

  private static Each rare(Statement s, boolean signed) {
    return switch (s.opcode()) {
      case "mul" -> s.has("hi") ? (a, b, c) -> high(a, b, signed) : (a, b, c) -> a * b;
      case "mad" -> s.has("hi") ? (a, b, c) -> high(a, b, signed) + c : (a, b, c) -> a * b + c;
      case "div" ->
          signed
              ? (a, b, c) -> b == 0 ? -1 : a / b
              : (a, b, c) -> b == 0 ? -1 : Long.divideUnsigned(a, b);
      case "rem" ->
          signed
              ? (a, b, c) -> b == 0 ? -1 : a % b
              : (a, b, c) -> b == 0 ? -1 : Long.remainderUnsigned(a, b);
      case "abs" -> (a, b, c) -> Math.abs(a);
      case "neg" -> (a, b, c) -> -a;
      case "min" ->
          signed
              ? (a, b, c) -> Math.min(a, b)
              : (a, b, c) -> Long.compareUnsigned(a, b) < 0 ? a : b;
      case "max" ->
          signed
              ? (a, b, c) -> Math.max(a, b)
              : (a, b, c) -> Long.compareUnsigned(a, b) > 0 ? a : b;
      case "and" -> (a, b, c) -> a & b;
      case "or" -> (a, b, c) -> a | b;
      case "xor" -> (a, b, c) -> a ^ b;
      case "not" -> (a, b, c) -> ~a;
      case "cnot" -> (a, b, c) -> a == 0 ? 1 : 0;
      case "brev" -> (a, b, c) -> Long.reverse(a);
      default -> throw s.unknown();
    };
  }

  static Loops.Longs each(Each op) {
    return (d, a, b, c) -> {
      for (int i = 0; i < 32; i++) {
        d[i] = op.of(a[i], b[i], c[i]);
      }
    };
  }

  /** The upper half of a product. */
  static long high(long a, long b, boolean signed) {
    long high = Math.multiplyHigh(a, b);
    return signed ? high : high + (a >> 63 & b) + (b >> 63 & a);
  }
}
