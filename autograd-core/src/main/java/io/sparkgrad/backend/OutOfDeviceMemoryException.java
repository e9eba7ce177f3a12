// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * A device that has not enough memory left, after all that could be given back was; the message
 * says how much was wanted and how much there is. A smaller batch may fit.
 */
public final class OutOfDeviceMemoryException extends BackendException {
  private static final long serialVersionUID = 1L;

  public OutOfDeviceMemoryException(String message) {
    super(message);
  }
}
