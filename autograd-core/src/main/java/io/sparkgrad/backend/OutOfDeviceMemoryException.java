// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * A device that has not enough memory left, after all that could be given back was. A smaller batch
 * may fit.
 */
public final class OutOfDeviceMemoryException extends BackendException {
  private static final long serialVersionUID = 1L;

  private final String sizes;

  /**
   * With a message that ends in a remedy.
   *
   * @param sizes how much was wanted and how much there is, in a clause
   */
  public OutOfDeviceMemoryException(String sizes) {
    super(sizes + "; use a smaller batch, or a TensorScope around each step.");
    this.sizes = sizes;
  }

  /** How much was wanted and how much there is, for messages that know of another remedy. */
  public String sizes() {
    return sizes;
  }
}
