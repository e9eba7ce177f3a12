// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RecordCipherTest {
  private static final int LENGTH = 1001;

  private static byte[] applied(RecordCipher cipher, int index, int times) {
    byte[] bytes = new byte[LENGTH];
    for (int i = 0; i < times; i++) {
      cipher.apply(index, bytes, 0, LENGTH);
    }
    return bytes;
  }

  @Test
  @DisplayName("equal records differ by index and by file, and a second time gives the record back")
  void noTwoAreAlike() {
    RecordCipher cipher = new RecordCipher();
    assertFalse(Arrays.equals(new byte[LENGTH], applied(cipher, 1, 1)));
    assertFalse(Arrays.equals(applied(cipher, 2, 1), applied(cipher, 1, 1)));
    assertFalse(Arrays.equals(applied(new RecordCipher(), 1, 1), applied(cipher, 1, 1)));
    assertArrayEquals(applied(cipher, 1, 1), applied(cipher, 1, 1));
    assertArrayEquals(new byte[LENGTH], applied(cipher, 1, 2));
  }

  @Test
  @DisplayName("bytes around a record stay as they are")
  void nothingElse() {
    byte[] bytes = new byte[12];
    new RecordCipher().apply(0, bytes, 5, 2);
    assertArrayEquals(new byte[5], Arrays.copyOf(bytes, 5));
    assertArrayEquals(new byte[5], Arrays.copyOfRange(bytes, 7, 12));
  }
}
