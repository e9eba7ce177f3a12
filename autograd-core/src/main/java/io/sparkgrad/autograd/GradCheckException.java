// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** A gradient that {@link GradCheck} found to be wrong; the message says where and how. */
public final class GradCheckException extends AutogradException {
  private static final long serialVersionUID = 1L;

  GradCheckException(String message) {
    super(message);
  }
}
