// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Functions that turn a row into probabilities. A row with NaN or ∞, or of nothing but −∞, gives
 * NaN.
 */
public enum SoftmaxKernel {
  /** {@code eˣ/Σ eˣ}. */
  SOFTMAX,
  /** {@code x − log Σ eˣ}. */
  LOG_SOFTMAX
}
