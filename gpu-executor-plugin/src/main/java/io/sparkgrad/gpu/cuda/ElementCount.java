// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BackendException;

/** Numbers of elements that kernels, or arrays on the host, count in 32 bits. */
final class ElementCount {
  private ElementCount() {}

  /**
   * The number as an int.
   *
   * @param operation for the error
   * @throws BackendException if it is 2³¹ or more
   */
  static int of(String operation, long elements) {
    if (elements > Integer.MAX_VALUE) {
      throw new BackendException(
          "cuda backend: %s: expected fewer than 2147483648 elements, got %d; split the tensor"
              .formatted(operation, elements));
    }
    return (int) elements;
  }
}
