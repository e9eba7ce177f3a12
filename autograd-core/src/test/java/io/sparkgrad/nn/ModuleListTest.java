// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ModuleListTest {
  private final ModuleList list = new ModuleList(new Linear(1, 2), new ReLU());

  private static ModuleDict dict() {
    Map<String, Module> modules = new LinkedHashMap<>();
    modules.put("head", new Linear(1, 2, false));
    modules.put("act", new ReLU());
    return new ModuleDict(modules);
  }

  @Test
  @DisplayName("MOD-11: a list names its modules 0, 1, …")
  void list() {
    Tanh tanh = new Tanh();
    list.append(tanh);
    assertEquals(List.of("0", "1", "2"), List.copyOf(list.namedChildren().keySet()));
    assertEquals(List.of("0.weight", "0.bias"), List.copyOf(list.namedParameters().keySet()));
    assertEquals(3, list.size());
    assertSame(tanh, list.get(2));
    assertThrows(IndexOutOfBoundsException.class, () -> list.get(3));
    List<Module> iterated = new ArrayList<>();
    list.forEach(iterated::add);
    assertEquals(List.copyOf(list.namedChildren().values()), iterated);
  }

  @Test
  @DisplayName("MOD-11: a dictionary keeps names and order")
  void dictionary() {
    ModuleDict dict = dict();
    Tanh tanh = new Tanh();
    dict.put("out", tanh);
    assertEquals(List.of("head", "act", "out"), List.copyOf(dict.keys()));
    assertSame(tanh, dict.get("out"));
    assertEquals(List.of("head.weight"), List.copyOf(dict.stateDict().keySet()));
    rejects(
        IllegalArgumentException.class,
        "ModuleDict: expected one of [head, act, out], got 'tail'",
        () -> dict.get("tail"));
    rejects(
        IllegalArgumentException.class,
        "module: the name 'head' is taken already",
        () -> dict.put("head", tanh));
  }

  @Test
  @DisplayName("MOD-11: they cannot be applied")
  void forward() {
    rejects(
        UnsupportedOperationException.class,
        "ModuleList: a list has no forward; call its modules one by one",
        () -> list.call(v(1)));
    rejects(
        UnsupportedOperationException.class,
        "ModuleDict: a dictionary has no forward; call its modules by their names",
        () -> dict().forward(v(1)));
  }

  @Test
  @DisplayName("MOD-11: their architecture is data, too")
  void json() {
    for (Module module : List.of(list, dict())) {
      Module rebuilt = Architecture.fromJson(Architecture.toJson(module));
      assertEquals(module.toString(), rebuilt.toString());
      assertEquals(module.stateDict().keySet(), rebuilt.stateDict().keySet());
    }
  }
}
