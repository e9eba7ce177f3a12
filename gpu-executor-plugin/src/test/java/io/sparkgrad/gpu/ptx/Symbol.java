// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** What a name in a function stands for. */
sealed interface Symbol {
  /** A register. */
  record Register(Type type, int index) implements Symbol {}

  /** A place in local memory of each thread: a local variable, or a parameter of a call. */
  record Local(int offset) implements Symbol {}

  /** A place in the parameters of the kernel. */
  record Parameter(int offset) implements Symbol {}

  /** A place in the static shared memory of the block. */
  record Shared(int offset) implements Symbol {}

  /** Where the dynamic shared memory starts. */
  record DynamicShared() implements Symbol {}

  /** A variable in global or constant memory. */
  record Global(Variable variable) implements Symbol {}
}
