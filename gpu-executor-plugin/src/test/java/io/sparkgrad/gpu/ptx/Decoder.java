// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** Turns the statements of some opcodes into instructions. */
@FunctionalInterface
interface Decoder {
  void decode(Assembler a, Statement s);
}
