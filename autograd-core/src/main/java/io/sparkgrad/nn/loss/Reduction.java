// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

/** What becomes of the losses of single rows or elements. */
public enum Reduction {
  NONE,
  MEAN,
  SUM
}
