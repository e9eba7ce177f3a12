// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The names of one function: each brace opens a scope of its own. */
final class Scopes {
  private final Deque<Map<String, Symbol>> scopes = new ArrayDeque<>();

  Scopes() {
    open();
  }

  void open() {
    scopes.push(new HashMap<>());
  }

  void close() {
    scopes.pop();
  }

  void declare(String name, Symbol symbol) {
    scopes.element().put(name, symbol);
  }

  Optional<Symbol> find(String name) {
    for (Map<String, Symbol> scope : scopes) {
      Symbol symbol = scope.get(name);
      if (symbol != null) {
        return Optional.of(symbol);
      }
    }
    return Optional.empty();
  }
}
