// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;

/** An operand as written. */
sealed interface Operand {
  /** A register, variable, label or function; {@code _} where a result is not wanted. */
  record Name(String name) implements Operand {}

  /** A predicate read as its opposite. */
  record Not(Name of) implements Operand {}

  /** A literal: its bits in the type that it is written in. */
  record Literal(long bits, Kind kind) implements Operand {
    enum Kind {
      INTEGER,
      FLOAT,
      DOUBLE
    }
  }

  /** {@code [base + offset]}. */
  record Address(Operand base, long offset) implements Operand {}

  /** {@code {a, b, …}}. */
  record Vector(List<Operand> elements) implements Operand {}

  /** {@code (a, b, …)} of a call. */
  record Arguments(List<Operand> elements) implements Operand {}

  /** {@code a|b}: two results. */
  record Pair(Operand first, Operand second) implements Operand {}
}
