// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.HashMap;
import java.util.Map;

/** The decoder of each opcode, but for those that only the compiler can do, such as branches. */
final class Decoders {
  private static final Map<String, Decoder> BY_OPCODE = table();

  private Decoders() {}

  private static Map<String, Decoder> table() {
    Map<String, Decoder> table = new HashMap<>();
    Moves.register(table);
    LoadsAndStores.register(table);
    Arithmetic.register(table);
    Comparisons.register(table);
    Conversions.register(table);
    WarpOperations.register(table);
    Synchronization.register(table);
    Atomics.register(table);
    AsyncCopies.register(table);
    MatrixLoads.register(table);
    TensorCores.register(table);
    return Map.copyOf(table);
  }

  static Decoder of(Statement s) {
    Decoder decoder = BY_OPCODE.get(s.opcode());
    if (decoder == null) {
      throw s.unknown();
    }
    return decoder;
  }
}
