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
  /** −1, 0 or 1; 0 of NaN. */
  SIGN,
  EXP,
  LOG,
  SQRT,
  RELU,
  SIGMOID,
  TANH,
  FLOOR,
  /** To the nearest integer; halves to the even one. */
  ROUND,
  /** {@code eˣ − 1}, accurate near 0. */
  EXPM1,
  /** {@code ln(1 + x)}, accurate near 0. */
  LOG1P,
  /** {@code ln(1 + eˣ)}, where eˣ overflows too. */
  SOFTPLUS,
  SIN,
  COS,
  /** The error function. */
  ERF
}
