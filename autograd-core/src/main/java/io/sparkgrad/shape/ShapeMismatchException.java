// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.shape;

/**
 * A shape or an axis that an operation cannot take; the message names the operation, what it
 * expected and what it got.
 */
public final class ShapeMismatchException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public ShapeMismatchException(String message) {
    super(message);
  }
}
