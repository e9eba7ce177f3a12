// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * The sizes of a linear map of rows: input {@code [rows, in]}, weight {@code [out, in]}, bias
 * {@code [out]}, output {@code [rows, out]}.
 */
public record LinearGeometry(int rows, int in, int out) {
  /** Of the product without the bias. */
  public MatmulGeometry product() {
    return new MatmulGeometry(1, rows, out, in, false, true, false, false);
  }
}
