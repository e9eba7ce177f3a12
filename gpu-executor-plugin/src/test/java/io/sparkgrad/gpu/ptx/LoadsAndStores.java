// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code ld}, {@code st} and what only hints at them. */
final class LoadsAndStores {
  private LoadsAndStores() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("ld", LoadsAndStores::load);
    decoders.put("ldu", LoadsAndStores::load);
    decoders.put("st", LoadsAndStores::store);
    Decoder nothing = (a, s) -> {};
    decoders.put("prefetch", nothing);
    decoders.put("prefetchu", nothing);
    decoders.put("discard", nothing);
    decoders.put("applypriority", nothing);
  }

  /**
   * Moves one element of each lane between a register and memory.
   *
   * <p>{@code in} is where all lanes' places are; null if {@link Warp#in} tells.
   */
  @FunctionalInterface
  interface Element {
    void move(Warp w, int lanes, byte @Nullable [] in, int register, int offset);
  }

  private record Transfer(
      Access access, Access.Use use, int width, int step, Element element, int[] registers)
      implements Body {
    @Override
    public void run(Warp w, int lanes) {
      byte[] in = access.resolve(w, lanes, width, use);
      for (int k = 0; k < registers.length; k++) {
        element.move(w, lanes, in, registers[k], k * step);
      }
    }
  }

  private static void load(Assembler a, Statement s) {
    Type type = s.type();
    List<Operand> results = elements(s.operand(0));
    Type in = held(a, results, type);
    int[] registers = results.stream().mapToInt(o -> a.target(s, o, in)).toArray();
    Access access = Access.of(a, s, s.operand(1), Access.space(s));
    int width = type.bytes * registers.length;
    a.emit(
        s, new Transfer(access, Access.Use.READ, width, type.bytes, loader(type, in), registers));
  }

  private static void store(Assembler a, Statement s) {
    Type type = s.type();
    List<Operand> values = elements(s.operand(1));
    Type in = held(a, values, type);
    int[] registers = values.stream().mapToInt(o -> a.source(s, o, in)).toArray();
    Access access = Access.of(a, s, s.operand(0), Access.space(s));
    int width = type.bytes * registers.length;
    a.emit(
        s, new Transfer(access, Access.Use.WRITE, width, type.bytes, storer(type, in), registers));
  }

  private static List<Operand> elements(Operand operand) {
    return operand instanceof Operand.Vector vector ? vector.elements() : List.of(operand);
  }

  /** The type to hold elements in: that of the registers, which may be wider than the elements. */
  private static Type held(Assembler a, List<Operand> operands, Type type) {
    return operands.stream()
        .flatMap(o -> a.declared(o).stream())
        .findFirst()
        .filter(t -> t.bytes >= type.bytes)
        .orElse(type);
  }

  private static Element loader(Type type, Type in) {
    return switch (in.storage) {
      case FLOAT -> Elements::loadFloat;
      case DOUBLE -> Elements::loadDouble;
      case LONG ->
          switch (type) {
            case B64, U64, S64, F64 -> Elements::loadLong;
            default -> (w, lanes, bytes, x, at) -> Elements.loadLong(w, lanes, bytes, x, at, type);
          };
      default ->
          type.bytes == 4
              ? Elements::loadInt
              : (w, lanes, bytes, x, at) -> Elements.loadNarrow(w, lanes, bytes, x, at, type, in);
    };
  }

  private static Element storer(Type type, Type in) {
    return switch (in.storage) {
      case FLOAT -> Elements::storeFloat;
      case DOUBLE -> Elements::storeDouble;
      case LONG ->
          (w, lanes, bytes, x, at) -> Elements.storeLong(w, lanes, bytes, x, at, type.bytes);
      default ->
          type.bytes == 4
              ? Elements::storeInt
              : (w, lanes, bytes, x, at) -> Elements.storeNarrow(w, lanes, bytes, x, at, type);
    };
  }
}
