// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/** Reductions over axes, and the running ones along an axis. */
public enum ReduceKernel {
  SUM,
  MAX,
  PROD
}
