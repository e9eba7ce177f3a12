// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/** Elementwise functions of one operand and one constant {@code p}. */
public enum UnaryKernel {
  /** {@code p·x}. */
  SCALE,
  /** {@code x + p}. */
  SHIFT,
  /** {@code x^p}. */
  POW,
  NEG,
  ABS,
  SIGN,
  EXP,
  LOG,
  SQRT,
  RELU,
  SIGMOID,
  TANH
}
