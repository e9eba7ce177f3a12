// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;
import java.util.Map;

/** Opcodes that compute in one type: hands each to the class of that type. */
final class Arithmetic {
  private static final List<String> OPCODES =
      List.of(
          "add",
          "sub",
          "mul",
          "mad",
          "fma",
          "div",
          "rem",
          "abs",
          "neg",
          "min",
          "max",
          "rcp",
          "sqrt",
          "rsqrt",
          "sin",
          "cos",
          "ex2",
          "lg2",
          "tanh",
          "copysign",
          "mul24",
          "mad24",
          "sad",
          "and",
          "or",
          "xor",
          "not",
          "cnot",
          "shl",
          "shr",
          "brev",
          "lop3",
          "prmt",
          "bfe",
          "bfi",
          "shf",
          "szext",
          "dp4a",
          "dp2a");

  private Arithmetic() {}

  static void register(Map<String, Decoder> decoders) {
    OPCODES.forEach(opcode -> decoders.put(opcode, Arithmetic::decode));
    List.of("popc", "clz", "bfind").forEach(opcode -> decoders.put(opcode, Counts::decode));
    List.of("addc", "subc", "madc").forEach(opcode -> decoders.put(opcode, Carries::decode));
  }

  private static void decode(Assembler a, Statement s) {
    Type type = s.opcode().startsWith("dp") ? Type.B32 : s.type();
    if (s.has("cc")) {
      Carries.decode(a, s);
    } else if (s.has("wide")) {
      Wide.decode(a, s);
    } else if (type == Type.PRED) {
      predicates(a, s);
    } else if (Halves.holds(type)) {
      Halves.decode(a, s, type);
    } else {
      byStorage(a, s, type);
    }
  }

  private static void byStorage(Assembler a, Statement s, Type type) {
    switch (type.storage) {
      case FLOAT -> {
        Loops.Floats loop = FloatMath.loop(s);
        int[] x = sources(a, s, type);
        a.emit(s, new Loops.OnFloats(loop, a.target(s, 0, type), x[0], x[1], x[2]));
      }
      case DOUBLE -> {
        Loops.Doubles loop = DoubleMath.loop(s);
        int[] x = sources(a, s, type);
        a.emit(s, new Loops.OnDoubles(loop, a.target(s, 0, type), x[0], x[1], x[2]));
      }
      case LONG -> LongMath.decode(a, s, type);
      default -> IntMath.decode(a, s, type);
    }
  }

  /** The registers of up to three operands; operands that are not there repeat the first. */
  static int[] sources(Assembler a, Statement s, Type type) {
    int[] x = new int[3];
    for (int k = 0; k < 3; k++) {
      x[k] = k + 1 < s.operands().size() ? a.source(s, k + 1, type) : x[0];
    }
    return x;
  }

  private static void predicates(Assembler a, Statement s) {
    int y = a.target(s, 0, Type.PRED);
    int x = a.source(s, 1, Type.PRED);
    int z = s.operands().size() > 2 ? a.source(s, 2, Type.PRED) : x;
    a.emit(
        s,
        switch (s.opcode()) {
          case "and" -> (w, lanes) -> w.p[y] = Warp.select(lanes, w.p[x] & w.p[z], w.p[y]);
          case "or" -> (w, lanes) -> w.p[y] = Warp.select(lanes, w.p[x] | w.p[z], w.p[y]);
          case "xor" -> (w, lanes) -> w.p[y] = Warp.select(lanes, w.p[x] ^ w.p[z], w.p[y]);
          case "not" -> (w, lanes) -> w.p[y] = Warp.select(lanes, ~w.p[x], w.p[y]);
          default -> throw s.unknown();
        });
  }
}
