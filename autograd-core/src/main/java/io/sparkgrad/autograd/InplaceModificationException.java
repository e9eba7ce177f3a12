// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** A tensor that a backward formula needs was overwritten after it had been saved. */
public final class InplaceModificationException extends AutogradException {
  private static final long serialVersionUID = 1L;

  InplaceModificationException(String message) {
    super(message);
  }
}
