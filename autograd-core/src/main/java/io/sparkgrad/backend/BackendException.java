// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * A backend that cannot be opened, or a device or kernel that failed; the message carries the
 * native status, if any.
 */
public class BackendException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BackendException(String message) {
    super(message);
  }

  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
