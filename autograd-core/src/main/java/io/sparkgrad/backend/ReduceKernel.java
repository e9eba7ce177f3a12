// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/** Reductions over axes. */
public enum ReduceKernel {
  SUM,
  MAX
}
