// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

/**
 * Input that cannot be used: one sentence that names the column or the row, what was expected, and
 * what was found.
 */
public final class InputException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InputException(String message) {
    super(message);
  }

  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
