// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** A misuse of automatic differentiation; PyTorch raises RuntimeError there. */
public class AutogradException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AutogradException(String message) {
    super(message);
  }
}
