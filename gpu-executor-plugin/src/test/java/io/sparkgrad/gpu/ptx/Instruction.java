// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/**
 * A decoded instruction.
 *
 * @param guard the predicate register that must hold, -1 if there is none
 * @param inverted whether it must not hold instead
 * @param line of the text
 */
record Instruction(Body body, int guard, boolean inverted, int line) {}
