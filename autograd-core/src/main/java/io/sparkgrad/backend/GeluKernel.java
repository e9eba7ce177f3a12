// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/** {@code x·Φ(x)} with the normal distribution Φ. */
public enum GeluKernel {
  /** {@code ½x·(1 + erf(x/√2))}. */
  ERF,
  /** {@code ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}. */
  TANH
}
