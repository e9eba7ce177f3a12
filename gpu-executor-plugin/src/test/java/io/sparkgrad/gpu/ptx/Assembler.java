// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What decoders write to: turns operands into registers and keeps the instructions. Where an
 * operand's register is of another storage than the instruction's type (a float kept in {@code
 * .b32}), a move of the bits is put before or after.
 */
final class Assembler {
  private final Registers registers = new Registers();
  private final List<Instruction> code = new ArrayList<>();
  private final List<Body> after = new ArrayList<>();
  private Scopes scopes = new Scopes();
  private int sites;

  /** Finds names that no function declares. */
  @FunctionalInterface
  interface Outer {
    Optional<Symbol> find(String name);
  }

  private final Outer outer;

  Assembler(Outer outer) {
    this.outer = outer;
  }

  Registers registers() {
    return registers;
  }

  List<Instruction> code() {
    return code;
  }

  Scopes scopes() {
    return scopes;
  }

  void enter(Scopes other) {
    scopes = other;
  }

  int sites() {
    return sites;
  }

  /** A number for an access to global memory, which remembers its last allocation by it. */
  int site() {
    return sites++;
  }

  /** Adds the instruction of a statement, under the statement's guard. */
  void emit(Statement s, Body body) {
    int guard = -1;
    boolean inverted = false;
    if (s.guard().isPresent()) {
      Operand of = s.guard().get();
      inverted = of instanceof Operand.Not;
      guard = register(s, inverted ? ((Operand.Not) of).of() : (Operand.Name) of).index();
    }
    code.add(new Instruction(body, guard, inverted, s.line()));
    for (Body move : after) {
      code.add(new Instruction(move, guard, inverted, s.line()));
    }
    after.clear();
  }

  /** Adds an instruction that prepares an operand; it may run where the guard does not hold. */
  void prepare(Statement s, Body body) {
    code.add(new Instruction(body, -1, false, s.line()));
  }

  /** The register, of {@code type}'s storage, that an operand is read from. */
  int source(Statement s, Operand operand, Type type) {
    if (operand instanceof Operand.Literal literal) {
      long bits = type == Type.PRED ? literal.bits() : Literals.bits(literal, type);
      return registers.constant(type.storage, "#" + bits, launch -> bits);
    }
    if (operand instanceof Operand.Not not) {
      int from = source(s, not.of(), Type.PRED);
      int to = registers.fresh(Type.Storage.PREDICATE);
      prepare(s, (w, lanes) -> w.p[to] = ~w.p[from]);
      return to;
    }
    if (!(operand instanceof Operand.Name name)) {
      throw s.error("cannot read " + operand);
    }
    Optional<Symbol> symbol = find(name.name());
    if (symbol.isEmpty()) {
      return special(s, name.name(), type);
    }
    if (symbol.get() instanceof Symbol.Register register) {
      return Moves.convert(this, s, register, type);
    }
    return address(name.name(), symbol.get(), type.storage);
  }

  int source(Statement s, int operand, Type type) {
    return source(s, s.operand(operand), type);
  }

  private int special(Statement s, String name, Type type) {
    if (name.equals("WARP_SZ")) {
      return registers.constant(type.storage, "#32", launch -> 32);
    }
    if (name.startsWith("%clock") || name.startsWith("%globaltimer")) {
      int to = registers.fresh(Type.Storage.LONG);
      prepare(s, (w, lanes) -> java.util.Arrays.fill(w.l[to], w.clock()));
      return Moves.convert(this, s, new Symbol.Register(Type.B64, to), type);
    }
    if (!SpecialRegisters.exists(name)) {
      throw s.error(name + " is not declared");
    }
    Symbol.Register register = new Symbol.Register(Type.U32, registers.special(name));
    return Moves.convert(this, s, register, type);
  }

  /** The register that holds where a variable lies, in its own space. */
  private int address(String name, Symbol symbol, Type.Storage storage) {
    if (symbol instanceof Symbol.Global global) {
      return registers.constant(
          storage, "&" + name, launch -> launch.addresses().applyAsLong(global.variable()));
    }
    if (symbol instanceof Symbol.DynamicShared) {
      return registers.constant(storage, "&dynamic", Launch::dynamicShared);
    }
    int offset = offset(symbol);
    return registers.constant(storage, "#" + offset, launch -> offset);
  }

  private static int offset(Symbol symbol) {
    if (symbol instanceof Symbol.Local local) {
      return local.offset();
    }
    if (symbol instanceof Symbol.Shared shared) {
      return shared.offset();
    }
    return ((Symbol.Parameter) symbol).offset();
  }

  /** The register, of {@code type}'s storage, that a result is written to. */
  int target(Statement s, Operand operand, Type type) {
    Operand.Name name = operand instanceof Operand.Name n ? n : null;
    if (name == null) {
      throw s.error("cannot write " + operand);
    }
    if (name.name().equals("_")) {
      return registers.fresh(type.storage);
    }
    Symbol.Register register = register(s, name);
    if (register.type().storage == type.storage) {
      return register.index();
    }
    int computed = registers.fresh(type.storage);
    after.add(Moves.move(s, new Symbol.Register(type, computed), register));
    return computed;
  }

  int target(Statement s, int operand, Type type) {
    return target(s, s.operand(operand), type);
  }

  /** The declared type of an operand, if it is a register. */
  Optional<Type> declared(Operand operand) {
    if (operand instanceof Operand.Name name
        && find(name.name()).orElse(null) instanceof Symbol.Register register) {
      return Optional.of(register.type());
    }
    return Optional.empty();
  }

  private Symbol.Register register(Statement s, Operand.Name name) {
    if (find(name.name()).orElse(null) instanceof Symbol.Register register) {
      return register;
    }
    throw s.error(name.name() + " is not a register");
  }

  Optional<Symbol> find(String name) {
    return scopes.find(name).or(() -> outer.find(name));
  }
}
