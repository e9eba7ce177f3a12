// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Elementwise functions of two operands, with broadcasting; comparisons give 1 or 0 in the
 * operands' type.
 */
public enum BinaryKernel {
  ADD,
  SUB,
  MUL,
  DIV,
  MAXIMUM,
  MINIMUM,
  /** {@code a > b}. */
  GT,
  /** {@code a == b}. */
  EQ,
  /** {@code a >= b}. */
  GE,
  /** {@code a} where b is not 0, else 0 whatever a is. */
  MASK,
  /** {@code a^b}; 1 for a = 1, whatever b, and for a = -1 and an infinite b. */
  POW,
  /** The angle of the point {@code (b, a)}. */
  ATAN2
}
