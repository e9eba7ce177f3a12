// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

/**
 * A piece of native memory, 64-byte aligned, whose numbers nobody has set yet.
 *
 * @param address of the first byte
 * @param sizeClass of the pool it came from and goes back to
 */
record Block(long address, int sizeClass) {}
