// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;
import java.util.Optional;

/**
 * An instruction as written.
 *
 * @param guard the predicate after {@code @}, which {@link Operand.Not} inverts
 * @param parts the opcode at its dots: {@code [ld, global, f32]}
 */
record Statement(int line, Optional<Operand> guard, List<String> parts, List<Operand> operands)
    implements Item {
  String opcode() {
    return parts.get(0);
  }

  boolean has(String part) {
    return parts.contains(part);
  }

  Operand operand(int index) {
    if (index >= operands.size()) {
      throw error("operand " + index + " is missing");
    }
    return operands.get(index);
  }

  /** The last part that is a type: what the instruction computes in. */
  Type type() {
    return type(0);
  }

  /** The type that is {@code back} types before the last: {@code cvt} has two. */
  Type type(int back) {
    int left = back;
    for (int i = parts.size() - 1; i > 0; i--) {
      Optional<Type> type = Type.named(parts.get(i));
      if (type.isPresent() && left-- == 0) {
        return type.get();
      }
    }
    throw error("lacks a type");
  }

  PtxSyntaxException error(String what) {
    return new PtxSyntaxException(line, String.join(".", parts) + ": " + what);
  }

  PtxSyntaxException unknown() {
    return error("the emulator has no such instruction");
  }
}
