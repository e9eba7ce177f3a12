// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Map;

/**
 * A declared variable. With space {@link Space#REG} and {@code indexed} it stands for as many
 * registers, whose names are this one and a number from 0 on.
 *
 * @param count elements of an array, 0 for one of open size
 * @param initial the bytes that the variable starts with
 * @param references offsets in {@code initial} where the address of another variable belongs
 */
record Variable(
    String name,
    Space space,
    Type type,
    int align,
    int count,
    boolean indexed,
    byte[] initial,
    Map<Integer, String> references) {

  enum Space {
    REG,
    PARAM,
    LOCAL,
    SHARED,
    GLOBAL,
    CONST,
    /** No space named: the address says which it is. */
    GENERIC
  }

  int bytes() {
    return count * type.bytes;
  }
}
