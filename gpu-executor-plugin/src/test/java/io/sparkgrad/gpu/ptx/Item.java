// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;

/** What stands in the body of a function, in the order of the text. */
sealed interface Item permits Statement, Item.Label, Item.Declaration, Item.Targets, Item.Scope {
  record Label(String name) implements Item {}

  record Declaration(Variable variable) implements Item {}

  /** The labels that {@code brx.idx} chooses from. */
  record Targets(String name, List<String> labels) implements Item {}

  /** A brace; names declared between two of them end there. */
  record Scope(boolean opens) implements Item {}
}
