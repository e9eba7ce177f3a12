// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads PTX text: the declarations of a module and the statements of its functions. */
final class PtxParser {
  private static final Set<String> LINKAGE =
      Set.of(".visible", ".extern", ".weak", ".common", ".noreturn", ".unreachable");
  private static final Set<String> WHOLE_LINES =
      Set.of(".version", ".target", ".address_size", ".file", ".loc", ".alias");

  private final Tokens tokens;
  private final OperandParser operandParser;
  private final VariableParser variableParser;
  private final Map<String, Function> functions = new LinkedHashMap<>();
  private final Map<String, Variable> variables = new LinkedHashMap<>();

  PtxParser(String text) {
    tokens = new Tokens(text);
    operandParser = new OperandParser(tokens);
    variableParser = new VariableParser(tokens);
    while (!tokens.atEnd()) {
      moduleItem();
    }
  }

  /** All functions and entry points by name. */
  Map<String, Function> functions() {
    return functions;
  }

  /** The variables outside of functions by name. */
  Map<String, Variable> variables() {
    return variables;
  }

  private void moduleItem() {
    String token = tokens.peek();
    if (LINKAGE.contains(token)) {
      tokens.take();
    } else if (WHOLE_LINES.contains(token)) {
      tokens.take();
      tokens.skipLine();
    } else if (token.equals(".section")) {
      skipSection();
    } else if (token.equals(".entry") || token.equals(".func")) {
      function();
    } else {
      Variable variable = variableParser.declaration();
      variables.put(variable.name(), variable);
      tokens.expect(";");
    }
  }

  private void skipSection() {
    while (!tokens.take().equals("}")) {
      // Debug information is of no interest.
    }
  }

  private void function() {
    boolean entry = tokens.take().equals(".entry");
    List<Variable> results = tokens.peek().equals("(") ? parameters() : List.of();
    String name = tokens.take();
    List<Variable> parameters = tokens.peek().equals("(") ? parameters() : List.of();
    int maxThreads = performanceDirectives();
    List<Item> body = List.of();
    if (!tokens.accept(";")) {
      body = body();
    }
    Function known = functions.get(name);
    if (known == null || known.body().isEmpty()) {
      functions.put(name, new Function(name, entry, results, parameters, body, maxThreads));
    }
  }

  /** Directives between the parameters and the body; those that only tune are passed over. */
  private int performanceDirectives() {
    int maxThreads = 0;
    while (tokens.peek().startsWith(".")) {
      String directive = tokens.take();
      if (directive.equals(".noreturn") || directive.equals(".attribute")) {
        continue;
      }
      int product = 1;
      do {
        product *= Integer.parseInt(tokens.take());
      } while (tokens.accept(","));
      if (directive.equals(".maxntid") || directive.equals(".reqntid")) {
        maxThreads = product;
      }
    }
    return maxThreads;
  }

  private List<Variable> parameters() {
    List<Variable> parameters = new ArrayList<>();
    tokens.expect("(");
    while (!tokens.accept(")")) {
      parameters.add(variableParser.declaration());
      tokens.accept(",");
    }
    return parameters;
  }

  private List<Item> body() {
    List<Item> items = new ArrayList<>();
    tokens.expect("{");
    for (int depth = 1; depth > 0; ) {
      String token = tokens.peek();
      if (tokens.accept("{")) {
        depth++;
        items.add(new Item.Scope(true));
      } else if (tokens.accept("}")) {
        depth--;
        if (depth > 0) {
          items.add(new Item.Scope(false));
        }
      } else if (tokens.accept(".loc")) {
        tokens.skipLine();
      } else if (tokens.accept(".pragma")) {
        tokens.take();
        tokens.expect(";");
      } else if (token.startsWith(".")) {
        variableParser.declarations().forEach(v -> items.add(new Item.Declaration(v)));
      } else if (tokens.peek(1).equals(":")) {
        items.add(label());
      } else if (!tokens.accept(";")) {
        items.add(statement());
      }
    }
    return items;
  }

  private Item label() {
    String name = tokens.take();
    tokens.expect(":");
    if (!tokens.accept(".branchtargets")) {
      return new Item.Label(name);
    }
    List<String> labels = new ArrayList<>();
    do {
      labels.add(tokens.take());
    } while (tokens.accept(","));
    tokens.expect(";");
    return new Item.Targets(name, labels);
  }

  private Statement statement() {
    int line = tokens.line();
    Optional<Operand> guard = Optional.empty();
    if (tokens.accept("@")) {
      guard = Optional.of(operandParser.operand());
      line = tokens.line();
    }
    List<String> parts = List.of(tokens.take().split("[.]|::"));
    List<Operand> operands = new ArrayList<>();
    while (!tokens.accept(";")) {
      operands.add(operandParser.operand());
      if (!tokens.peek().equals(";")) {
        tokens.expect(",");
      }
    }
    return new Statement(line, guard, parts, operands);
  }
}
