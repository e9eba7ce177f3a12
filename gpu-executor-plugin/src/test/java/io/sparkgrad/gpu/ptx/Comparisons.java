// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Map;

/** {@code setp}, {@code set}, {@code selp}, {@code slct} and {@code testp}. */
final class Comparisons {
  private Comparisons() {}

  /** A bit for each lane: whether the comparison holds there. All lanes are compared. */
  @FunctionalInterface
  interface Test {
    int holding(Warp w);
  }

  static void register(Map<String, Decoder> decoders) {
    decoders.put("setp", Comparisons::setp);
    decoders.put("set", Comparisons::set);
    decoders.put("selp", Comparisons::selp);
    decoders.put("slct", Comparisons::slct);
    decoders.put("testp", Comparisons::testp);
  }

  private static Test test(Assembler a, Statement s, Type type) {
    int x = a.source(s, 1, type);
    int y = a.source(s, 2, type);
    String comparison = s.parts().get(1);
    return switch (type.storage) {
      case FLOAT -> ComparisonLoops.floats(s, comparison, s.has("ftz"), x, y);
      case DOUBLE -> ComparisonLoops.doubles(s, comparison, x, y);
      case LONG -> ComparisonLoops.longs(s, comparison, type, x, y);
      case INT ->
          type.isFloat()
              ? ComparisonLoops.halves(s, comparison, type, x, y)
              : ComparisonLoops.ints(s, comparison, type, x, y);
      case PREDICATE -> throw s.unknown();
    };
  }

  private static void setp(Assembler a, Statement s) {
    Test test = test(a, s, s.type());
    String combine = s.has("and") ? "and" : s.has("or") ? "or" : s.has("xor") ? "xor" : "";
    int c = combine.isEmpty() ? 0 : a.source(s, 3, Type.PRED);
    Operand result = s.operand(0);
    Operand first = result instanceof Operand.Pair pair ? pair.first() : result;
    Operand second = result instanceof Operand.Pair pair ? pair.second() : new Operand.Name("_");
    int y = a.target(s, first, Type.PRED);
    int opposite = a.target(s, second, Type.PRED);
    if (combine.isEmpty() && !(result instanceof Operand.Pair)) {
      a.emit(s, (w, lanes) -> w.p[y] = Warp.select(lanes, test.holding(w), w.p[y]));
      return;
    }
    a.emit(
        s,
        (w, lanes) -> {
          int holds = test.holding(w);
          int with = combine(combine, holds, w.p[c]);
          int without = combine(combine, ~holds, w.p[c]);
          w.p[y] = Warp.select(lanes, with, w.p[y]);
          w.p[opposite] = Warp.select(lanes, without, w.p[opposite]);
        });
  }

  private static int combine(String how, int p, int c) {
    return switch (how) {
      case "and" -> p & c;
      case "or" -> p | c;
      case "xor" -> p ^ c;
      default -> p;
    };
  }

  /** All ones, or 1.0, where the comparison holds. */
  private static void set(Assembler a, Statement s) {
    Test test = test(a, s, s.type());
    Type type = s.type(1);
    boolean isFloat = type == Type.F32;
    if (!isFloat && type.storage != Type.Storage.INT) {
      throw s.unknown();
    }
    int y = a.target(s, 0, type);
    a.emit(
        s,
        (w, lanes) -> {
          int holds = test.holding(w);
          for (int m = lanes; m != 0; m &= m - 1) {
            int i = Integer.numberOfTrailingZeros(m);
            int bit = holds >> i & 1;
            if (isFloat) {
              w.f[y][i] = bit;
            } else {
              w.r[y][i] = -bit;
            }
          }
        });
  }

  private static void selp(Assembler a, Statement s) {
    Type type = a.declared(s.operand(0)).filter(t -> t.bytes == s.type().bytes).orElse(s.type());
    int x = a.source(s, 1, type);
    int y = a.source(s, 2, type);
    int p = a.source(s, 3, Type.PRED);
    select(a, s, type, x, y, w -> w.p[p]);
  }

  private static void slct(Assembler a, Statement s) {
    Type type = s.type(1);
    int x = a.source(s, 1, type);
    int y = a.source(s, 2, type);
    int c = a.source(s, 3, s.type());
    boolean isFloat = s.type() == Type.F32;
    select(
        a,
        s,
        type,
        x,
        y,
        w -> {
          int holds = 0;
          for (int i = 0; i < 32; i++) {
            holds |= (isFloat ? w.f[c][i] >= 0 : w.r[c][i] >= 0) ? 1 << i : 0;
          }
          return holds;
        });
  }

  private static void select(Assembler a, Statement s, Type type, int x, int y, Test test) {
    int d = a.target(s, 0, type);
    a.emit(
        s,
        switch (type.storage) {
          case FLOAT ->
              (w, lanes) -> {
                int first = test.holding(w);
                Loops.commit(w.f[x], w.f[d], lanes & first, w.f[y], lanes & ~first);
              };
          case INT ->
              (w, lanes) -> {
                int first = test.holding(w);
                Loops.commit(w.r[x], w.r[d], lanes & first, w.r[y], lanes & ~first);
              };
          case LONG ->
              (w, lanes) -> {
                int first = test.holding(w);
                Loops.commit(w.l[x], w.l[d], lanes & first, w.l[y], lanes & ~first);
              };
          case DOUBLE ->
              (w, lanes) -> {
                int first = test.holding(w);
                Loops.commit(w.d[x], w.d[d], lanes & first, w.d[y], lanes & ~first);
              };
          case PREDICATE -> throw s.unknown();
        });
  }

  private static void testp(Assembler a, Statement s) {
    Type type = s.type();
    int x = a.source(s, 1, type);
    int y = a.target(s, 0, Type.PRED);
    String what = s.parts().get(1);
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              double value = type == Type.F32 ? w.f[x][i] : w.d[x][i];
              double normal = type == Type.F32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
              boolean holds =
                  switch (what) {
                    case "finite" -> Double.isFinite(value);
                    case "infinite" -> Double.isInfinite(value);
                    case "number" -> !Double.isNaN(value);
                    case "notanumber" -> Double.isNaN(value);
                    case "normal" -> Double.isFinite(value) && Math.abs(value) >= normal;
                    case "subnormal" -> value != 0 && Math.abs(value) < normal;
                    default -> throw s.unknown();
                  };
              w.p[y] = holds ? w.p[y] | (1 << i) : w.p[y] & ~(1 << i);
            }));
  }
}
