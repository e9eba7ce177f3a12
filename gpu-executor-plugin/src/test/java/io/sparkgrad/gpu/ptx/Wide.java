// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** {@code mul.wide} and {@code mad.wide}: results of twice the width of the factors. */
final class Wide {
  private Wide() {}

  static void decode(Assembler a, Statement s) {
    Type type = s.type();
    boolean add = s.opcode().equals("mad");
    int x = a.source(s, 1, type);
    int z = a.source(s, 2, type);
    if (type.bytes == 2) {
      sixteen(a, s, type, x, z, add);
      return;
    }
    int y = a.target(s, 0, Type.B64);
    int c = add ? a.source(s, 3, Type.B64) : a.source(s, new Operand.Literal(0, INTEGER), Type.B64);
    boolean signed = type.signed();
    a.emit(
        s,
        (w, lanes) -> {
          long[] out = lanes == -1 ? w.l[y] : w.l[0];
          multiply(out, w.r[x], w.r[z], w.l[c], signed);
          if (lanes != -1) {
            Loops.commit(out, w.l[y], lanes);
          }
        });
  }

  private static final Operand.Literal.Kind INTEGER = Operand.Literal.Kind.INTEGER;

  private static void multiply(long[] out, int[] a, int[] b, long[] c, boolean signed) {
    if (signed) {
      for (int i = 0; i < 32; i++) {
        out[i] = (long) a[i] * b[i] + c[i];
      }
    } else {
      for (int i = 0; i < 32; i++) {
        out[i] = Integer.toUnsignedLong(a[i]) * Integer.toUnsignedLong(b[i]) + c[i];
      }
    }
  }

  private static void sixteen(Assembler a, Statement s, Type type, int x, int z, boolean add) {
    int y = a.target(s, 0, Type.B32);
    int c = add ? a.source(s, 3, Type.B32) : a.source(s, new Operand.Literal(0, INTEGER), Type.B32);
    Loops.Ints loop =
        IntMath.each((p, q, r) -> IntMath.extend(p, type) * IntMath.extend(q, type) + r);
    a.emit(s, new Loops.OnInts(loop, y, x, z, c));
  }
}
