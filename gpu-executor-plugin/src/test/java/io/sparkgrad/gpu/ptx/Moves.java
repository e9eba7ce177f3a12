// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;
import java.util.Map;

/** {@code mov}, {@code cvta}, {@code isspacep}, and moves of bits between storages. */
final class Moves {
  private Moves() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("mov", Moves::mov);
    decoders.put("cvta", Moves::cvta);
    decoders.put("isspacep", Moves::isspacep);
  }

  /** The register that has the bits of {@code from} in the storage of {@code type}. */
  static int convert(Assembler a, Statement s, Symbol.Register from, Type type) {
    if (from.type().storage == type.storage) {
      return from.index();
    }
    int to = a.registers().fresh(type.storage);
    a.prepare(s, move(s, from, new Symbol.Register(type, to)));
    return to;
  }

  /** Moves bits between two storages; ints become longs by the sign or zero of their type. */
  static Body move(Statement s, Symbol.Register from, Symbol.Register to) {
    int x = from.index();
    int y = to.index();
    Type.Storage source = from.type().storage;
    boolean signed = from.type().signed();
    return switch (to.type().storage) {
      case INT ->
          switch (source) {
            case FLOAT -> masked((w, i) -> w.r[y][i] = Float.floatToRawIntBits(w.f[x][i]));
            case LONG -> masked((w, i) -> w.r[y][i] = (int) w.l[x][i]);
            default -> throw s.error("moves " + source + " to " + to.type());
          };
      case FLOAT -> {
        if (source != Type.Storage.INT) {
          throw s.error("moves " + source + " to " + to.type());
        }
        yield masked((w, i) -> w.f[y][i] = Float.intBitsToFloat(w.r[x][i]));
      }
      case LONG ->
          switch (source) {
            case INT ->
                signed
                    ? masked((w, i) -> w.l[y][i] = w.r[x][i])
                    : masked((w, i) -> w.l[y][i] = Integer.toUnsignedLong(w.r[x][i]));
            case DOUBLE -> masked((w, i) -> w.l[y][i] = Double.doubleToRawLongBits(w.d[x][i]));
            default -> throw s.error("moves " + source + " to " + to.type());
          };
      case DOUBLE -> {
        if (source != Type.Storage.LONG) {
          throw s.error("moves " + source + " to " + to.type());
        }
        yield masked((w, i) -> w.d[y][i] = Double.longBitsToDouble(w.l[x][i]));
      }
      case PREDICATE -> throw s.error("moves " + source + " to a predicate");
    };
  }

  /** Does something to one lane. */
  @FunctionalInterface
  interface Lane {
    void run(Warp w, int lane);
  }

  /** Does it to each of the lanes. */
  static Body masked(Lane lane) {
    return (w, lanes) -> {
      for (int m = lanes; m != 0; m &= m - 1) {
        lane.run(w, Integer.numberOfTrailingZeros(m));
      }
    };
  }

  private static void mov(Assembler a, Statement s) {
    if (s.operand(1) instanceof Operand.Vector parts) {
      pack(a, s, parts.elements());
    } else if (s.operand(0) instanceof Operand.Vector parts) {
      unpack(a, s, parts.elements());
    } else {
      // The storage of the target saves a detour: mov.b32 names no storage for floats.
      Type type = a.declared(s.operand(0)).filter(t -> t.bytes == s.type().bytes).orElse(s.type());
      copy(a, s, type, a.target(s, 0, type), a.source(s, 1, type));
    }
  }

  private static void copy(Assembler a, Statement s, Type type, int y, int x) {
    a.emit(
        s,
        switch (type.storage) {
          case PREDICATE -> (w, lanes) -> w.p[y] = Warp.select(lanes, w.p[x], w.p[y]);
          case INT -> (w, lanes) -> Loops.commit(w.r[x], w.r[y], lanes);
          case LONG -> (w, lanes) -> Loops.commit(w.l[x], w.l[y], lanes);
          case FLOAT -> (w, lanes) -> Loops.commit(w.f[x], w.f[y], lanes);
          case DOUBLE -> (w, lanes) -> Loops.commit(w.d[x], w.d[y], lanes);
        });
  }

  private static Type carrier(int bytes) {
    return switch (bytes) {
      case 1 -> Type.B8;
      case 2 -> Type.B16;
      case 4 -> Type.B32;
      default -> Type.B64;
    };
  }

  private static void pack(Assembler a, Statement s, List<Operand> parts) {
    Type whole = carrier(s.type().bytes);
    Type part = carrier(whole.bytes / parts.size());
    int bits = part.bits();
    int[] x = parts.stream().mapToInt(o -> a.source(s, o, part)).toArray();
    long mask = part.bytes == 8 ? -1 : (1L << bits) - 1;
    if (whole == Type.B64) {
      int y = a.target(s, 0, whole);
      a.emit(
          s,
          masked(
              (w, i) -> {
                long value = 0;
                for (int k = 0; k < x.length; k++) {
                  value |= (w.r[x[k]][i] & mask) << (k * bits);
                }
                w.l[y][i] = value;
              }));
    } else {
      int y = a.target(s, 0, whole);
      a.emit(
          s,
          masked(
              (w, i) -> {
                int value = 0;
                for (int k = 0; k < x.length; k++) {
                  value |= (w.r[x[k]][i] & (int) mask) << (k * bits);
                }
                w.r[y][i] = value;
              }));
    }
  }

  private static void unpack(Assembler a, Statement s, List<Operand> parts) {
    Type whole = carrier(s.type().bytes);
    Type part = carrier(whole.bytes / parts.size());
    int bits = part.bits();
    int x = a.source(s, 1, whole);
    int[] y = parts.stream().mapToInt(o -> a.target(s, o, part)).toArray();
    long mask = (1L << bits) - 1;
    boolean wide = whole == Type.B64;
    a.emit(
        s,
        masked(
            (w, i) -> {
              long value = wide ? w.l[x][i] : w.r[x][i];
              for (int k = 0; k < y.length; k++) {
                w.r[y[k]][i] = (int) ((value >>> (k * bits)) & mask);
              }
            }));
  }

  /** Between an address in its own space and a generic one, which adds where the space begins. */
  private static void cvta(Assembler a, Statement s) {
    boolean to = s.parts().get(1).equals("to");
    long base = Windows.base(s.parts().get(to ? 2 : 1));
    long add = to ? -base : base;
    int y = a.target(s, 0, Type.U64);
    int x = a.source(s, 1, Type.U64);
    a.emit(
        s,
        new Loops.OnLongs(
            (d, p, q, r) -> {
              for (int i = 0; i < 32; i++) {
                d[i] = p[i] + add;
              }
            },
            y,
            x,
            x,
            x));
  }

  private static void isspacep(Assembler a, Statement s) {
    Variable.Space space = Windows.space(s.parts().get(1));
    int y = a.target(s, 0, Type.PRED);
    int x = a.source(s, 1, Type.U64);
    a.emit(
        s,
        masked(
            (w, i) -> {
              int bit = 1 << i;
              boolean is = Windows.of(w.l[x][i]) == space;
              w.p[y] = is ? w.p[y] | bit : w.p[y] & ~bit;
            }));
  }
}
