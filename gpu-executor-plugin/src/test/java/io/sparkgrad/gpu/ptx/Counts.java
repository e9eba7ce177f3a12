// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.function.LongUnaryOperator;

/** {@code popc}, {@code clz} and {@code bfind}: results of 32 bits whatever the operand's width. */
final class Counts {
  private Counts() {}

  static void decode(Assembler a, Statement s) {
    Type type = s.type();
    int x = a.source(s, 1, type);
    int y = a.target(s, 0, Type.U32);
    boolean wide = type.bytes == 8;
    LongUnaryOperator op = operation(s, type);
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              long value = wide ? w.l[x][i] : Integer.toUnsignedLong(w.r[x][i]);
              w.r[y][i] = (int) op.applyAsLong(value);
            }));
  }

  private static LongUnaryOperator operation(Statement s, Type type) {
    int unused = 64 - type.bits();
    return switch (s.opcode()) {
      case "popc" -> Long::bitCount;
      case "clz" -> v -> Long.numberOfLeadingZeros(v) - unused;
      case "bfind" -> {
        boolean shift = s.has("shiftamt");
        yield v -> {
          long signed = v << unused >> unused;
          long bits = type.signed() && signed < 0 ? ~signed << unused >>> unused : v;
          int found = 63 - Long.numberOfLeadingZeros(bits);
          return found < 0 ? -1 : shift ? type.bits() - 1 - found : found;
        };
      }
      default -> throw s.unknown();
    };
  }
}
