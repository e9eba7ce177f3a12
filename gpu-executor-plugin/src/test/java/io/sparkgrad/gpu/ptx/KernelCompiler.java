// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a {@link Kernel} of an entry point. Calls are put in line, each with registers and local
 * memory of its own, so that a kernel is one array of instructions; recursion is refused.
 */
final class KernelCompiler {
  private static final int DEPTH = 16;

  private final Map<String, Function> functions;
  private final Map<String, Variable> variables;
  private final Map<String, Symbol> shared = new HashMap<>();
  private final Assembler assembler = new Assembler(this::outer);
  private int parameterBytes;
  private int sharedBytes;
  private int localBytes;

  private KernelCompiler(Map<String, Function> functions, Map<String, Variable> variables) {
    this.functions = functions;
    this.variables = variables;
  }

  static Kernel compile(
      Function entry,
      Map<String, Function> functions,
      Map<String, Variable> variables,
      List<String> source) {
    return new KernelCompiler(functions, variables).kernel(entry, source);
  }

  private Kernel kernel(Function entry, List<String> source) {
    Scopes scopes = new Scopes();
    for (Variable parameter : entry.parameters()) {
      parameterBytes = align(parameterBytes, parameter.align());
      scopes.declare(parameter.name(), new Symbol.Parameter(parameterBytes));
      parameterBytes += parameter.bytes();
    }
    body(entry, scopes, 0);
    return new Kernel(
        entry.name(),
        assembler.code().toArray(new Instruction[0]),
        assembler.registers(),
        parameterBytes,
        align(sharedBytes, 16),
        align(localBytes, 16),
        assembler.sites(),
        entry.maxThreads(),
        source);
  }

  private static int align(int offset, int to) {
    return (offset + to - 1) / to * to;
  }

  /** A variable of the module. */
  private Optional<Symbol> outer(String name) {
    Variable variable = variables.get(name);
    if (variable == null) {
      return Optional.empty();
    }
    return Optional.of(
        variable.space() == Variable.Space.SHARED
            ? shared.computeIfAbsent(name, k -> inShared(variable))
            : new Symbol.Global(variable));
  }

  private Symbol inShared(Variable variable) {
    if (variable.count() == 0) {
      return new Symbol.DynamicShared();
    }
    int offset = align(sharedBytes, variable.align());
    sharedBytes = offset + variable.bytes();
    return new Symbol.Shared(offset);
  }

  private Symbol inLocal(Variable variable) {
    int offset = align(localBytes, variable.align());
    localBytes = offset + variable.bytes();
    return new Symbol.Local(offset);
  }

  /** The body of one function: its labels, and branches that wait for theirs. */
  private static final class Labels {
    private final Map<String, Integer> places = new HashMap<>();
    private final Map<String, List<String>> lists = new HashMap<>();
    private final List<Runnable> fixups = new ArrayList<>();

    int place(Statement s, String label) {
      Integer place = places.get(label);
      if (place == null) {
        throw s.error("there is no label " + label);
      }
      return place;
    }
  }

  private void body(Function function, Scopes scopes, int depth) {
    Labels labels = new Labels();
    assembler.enter(scopes);
    for (Item item : function.body()) {
      if (item instanceof Item.Targets targets) {
        labels.lists.put(targets.name(), targets.labels());
      }
    }
    for (Item item : function.body()) {
      if (item instanceof Item.Label label) {
        labels.places.put(label.name(), assembler.code().size());
      } else if (item instanceof Item.Scope scope) {
        if (scope.opens()) {
          scopes.open();
        } else {
          scopes.close();
        }
      } else if (item instanceof Item.Declaration declaration) {
        declare(declaration.variable(), scopes);
      } else if (item instanceof Statement statement) {
        statement(statement, labels, depth);
      }
    }
    labels.places.put("", assembler.code().size());
    if (depth == 0) {
      Statement end =
          new Statement(lastLine(function), Optional.empty(), List.of("exit"), List.of());
      assembler.emit(end, (w, lanes) -> w.exit(lanes));
    }
    labels.fixups.forEach(Runnable::run);
  }

  private static int lastLine(Function function) {
    int line = 1;
    for (Item item : function.body()) {
      line = item instanceof Statement s ? s.line() : line;
    }
    return line;
  }

  private void declare(Variable variable, Scopes scopes) {
    switch (variable.space()) {
      case REG -> {
        int count = variable.indexed() ? variable.count() : 1;
        for (int i = 0; i < count; i++) {
          int index = assembler.registers().fresh(variable.type().storage);
          String name = variable.indexed() ? variable.name() + i : variable.name();
          scopes.declare(name, new Symbol.Register(variable.type(), index));
        }
      }
      case SHARED -> scopes.declare(variable.name(), inShared(variable));
      default -> scopes.declare(variable.name(), inLocal(variable));
    }
  }

  private void statement(Statement s, Labels labels, int depth) {
    switch (s.opcode()) {
      case "bra" -> branch(s, labels, name(s, 0));
      case "brx" -> branchIndexed(s, labels);
      case "ret" -> {
        if (depth == 0) {
          assembler.emit(s, (w, lanes) -> w.exit(lanes));
        } else {
          branch(s, labels, "");
        }
      }
      case "exit" -> assembler.emit(s, (w, lanes) -> w.exit(lanes));
      case "call" -> call(s, depth);
      default -> Decoders.of(s).decode(assembler, s);
    }
  }

  private static String name(Statement s, int operand) {
    if (s.operand(operand) instanceof Operand.Name name) {
      return name.name();
    }
    throw s.error("expected a name, got " + s.operand(operand));
  }

  private void branch(Statement s, Labels labels, String label) {
    int[] target = new int[1];
    labels.fixups.add(() -> target[0] = labels.place(s, label));
    assembler.emit(s, (w, lanes) -> w.branch(lanes, target[0]));
  }

  private void branchIndexed(Statement s, Labels labels) {
    int x = assembler.source(s, 0, Type.U32);
    List<String> names = labels.lists.get(name(s, 1));
    if (names == null) {
      throw s.error("there is no list of targets " + name(s, 1));
    }
    int[] targets = new int[names.size()];
    labels.fixups.add(
        () -> {
          for (int i = 0; i < targets.length; i++) {
            targets[i] = labels.place(s, names.get(i));
          }
        });
    assembler.emit(s, (w, lanes) -> w.branchIndexed(lanes, w.r[x], targets));
  }

  /** {@code call (results), function, (arguments)}: parameters are places of local memory. */
  private void call(Statement s, int depth) {
    boolean hasResults = s.operand(0) instanceof Operand.Arguments;
    int at = hasResults ? 1 : 0;
    List<Operand> results = hasResults ? list(s, 0) : List.of();
    List<Operand> arguments = s.operands().size() > at + 1 ? list(s, at + 1) : List.of();
    String name = name(s, at);
    if (name.equals("__assertfail")) {
      Assertions.failure(assembler, s, arguments);
      return;
    }
    Function callee = functions.get(name);
    if (callee == null || callee.body().isEmpty()) {
      throw s.error("there is no function " + name);
    }
    if (depth == DEPTH) {
      throw s.error("calls are nested too deeply: recursion is not supported");
    }
    Scopes scopes = new Scopes();
    bind(s, scopes, callee.results(), results);
    bind(s, scopes, callee.parameters(), arguments);
    Scopes caller = assembler.scopes();
    int[] behind = new int[1];
    if (s.guard().isPresent()) {
      // Lanes that do not call go around; the guard's register holds for those that do.
      skipUnlessCalled(s, behind);
    }
    body(callee, scopes, depth + 1);
    behind[0] = assembler.code().size();
    assembler.enter(caller);
  }

  private void skipUnlessCalled(Statement s, int[] behind) {
    Operand guard = s.guard().orElseThrow();
    Operand opposite =
        guard instanceof Operand.Not not ? not.of() : new Operand.Not((Operand.Name) guard);
    Statement skip = new Statement(s.line(), Optional.of(opposite), s.parts(), s.operands());
    assembler.emit(skip, (w, lanes) -> w.branch(lanes, behind[0]));
  }

  private static List<Operand> list(Statement s, int operand) {
    if (s.operand(operand) instanceof Operand.Arguments arguments) {
      return arguments.elements();
    }
    throw s.error("expected arguments, got " + s.operand(operand));
  }

  private void bind(Statement s, Scopes scopes, List<Variable> formal, List<Operand> actual) {
    if (formal.size() != actual.size()) {
      throw s.error("expected " + formal.size() + " parameters, got " + actual.size());
    }
    for (int i = 0; i < formal.size(); i++) {
      Optional<Symbol> symbol =
          actual.get(i) instanceof Operand.Name name
              ? assembler.find(name.name())
              : Optional.empty();
      if (symbol.isEmpty()) {
        throw s.error("passes what is no variable: " + actual.get(i));
      }
      scopes.declare(formal.get(i).name(), symbol.get());
    }
  }
}
