// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The register files of a kernel: an index for each register, literal, address and special register
 * that it names. Literals are registers that nobody writes, so every operand of an instruction is
 * an index. Index 0 of each file is scratch.
 */
final class Registers {
  /** A register that holds the same value in all lanes from the start of a launch. */
  record Constant(Type.Storage storage, int index, ToLongFunction<Launch> bits) {}

  private final Map<Type.Storage, Integer> counts = new EnumMap<>(Type.Storage.class);
  private final List<Constant> constants = new ArrayList<>();
  private final Map<String, Integer> byKey = new LinkedHashMap<>();
  private final Map<String, Integer> specials = new LinkedHashMap<>();

  Registers() {
    for (Type.Storage storage : Type.Storage.values()) {
      counts.put(storage, 1);
    }
  }

  int fresh(Type.Storage storage) {
    return counts.merge(storage, 1, Integer::sum) - 1;
  }

  int count(Type.Storage storage) {
    return counts.get(storage);
  }

  /** The register of a constant; the same {@code key} gives the same register. */
  int constant(Type.Storage storage, String key, ToLongFunction<Launch> bits) {
    return byKey.computeIfAbsent(
        storage + " " + key,
        k -> {
          int index = fresh(storage);
          constants.add(new Constant(storage, index, bits));
          return index;
        });
  }

  /** The int register of a special register such as {@code %tid.x}. */
  int special(String name) {
    return specials.computeIfAbsent(name, k -> fresh(Type.Storage.INT));
  }

  List<Constant> constants() {
    return constants;
  }

  Map<String, Integer> specials() {
    return specials;
  }
}
