// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

/**
 * What is multiplied: {@code C[m, n] = op(A)[m, k] · op(B)[k, n]}, all row-major and dense.
 *
 * @param transposeA whether A is stored as [k, m], and {@code transposeB} whether B is as [n, k]
 */
record GemmShape(boolean transposeA, boolean transposeB, int m, int n, int k) {
  /** Of {@code Cᵀ = op(B)ᵀ · op(A)ᵀ}: B's array comes first, and A's second. */
  GemmShape swapped() {
    return new GemmShape(!transposeB, !transposeA, n, m, k);
  }
}
