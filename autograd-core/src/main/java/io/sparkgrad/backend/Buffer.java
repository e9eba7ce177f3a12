// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Memory of one backend: {@code length} elements of one type, dense. What stands behind it only the
 * backend knows.
 */
public interface Buffer {
  DType dtype();

  /** In elements. */
  long length();

  Backend backend();
}
