// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Everything about a layer normalisation but its numbers. Input and output are {@code [rows,
 * columns]}; weight and bias {@code [columns]}, means and biased variances {@code [rows]}.
 *
 * @param eps added to each variance, 0 or more
 */
public record LayerNormGeometry(int rows, int columns, double eps) {}
