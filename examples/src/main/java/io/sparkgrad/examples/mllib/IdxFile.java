// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.mllib;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A compressed file of unsigned bytes in the format of MNIST: {@code 0 0 8 rank}, then the sizes,
 * big-endian, then the items one after the other.
 *
 * @param items how many there are
 * @param length bytes of one
 */
record IdxFile(int items, int length, byte[] bytes) {
  private static final int UNSIGNED_BYTES = 0x0800;

  /**
   * Reads it whole.
   *
   * @throws IllegalArgumentException if it is not such a file
   */
  static IdxFile read(Path file) {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file))))) {
      int magic = in.readInt();
      int rank = magic - UNSIGNED_BYTES;
      if (rank < 1 || rank > 4) {
        throw new IllegalArgumentException(
            "%s: expected an IDX file of unsigned bytes, which begins with 0x08, got 0x%08x"
                .formatted(file, magic));
      }
      int items = in.readInt();
      int length = 1;
      for (int i = 1; i < rank; i++) {
        length = Math.multiplyExact(length, in.readInt());
      }
      byte[] bytes = new byte[Math.multiplyExact(items, length)];
      in.readFully(bytes);
      return new IdxFile(items, length, bytes);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s cannot be read as a compressed IDX file: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Byte {@code offset} of an item, 0 to 255. */
  int unsigned(int item, int offset) {
    return Byte.toUnsignedInt(bytes[item * length + offset]);
  }
}
