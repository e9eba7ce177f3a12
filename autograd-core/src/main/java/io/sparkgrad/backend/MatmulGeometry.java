// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * A batch of matrix products {@code C[i] = op(A[i])·op(B[i])}, with {@code op} a transpose or
 * nothing, row-major and dense: {@code op(A)} is {@code [m, k]}, {@code op(B)} is {@code [k, n]}.
 * An operand marked as repeating is one matrix that serves the whole batch.
 */
public record MatmulGeometry(
    int batch,
    int m,
    int n,
    int k,
    boolean transposeA,
    boolean transposeB,
    boolean repeatA,
    boolean repeatB) {}
