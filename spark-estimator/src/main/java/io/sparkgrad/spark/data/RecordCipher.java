// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts the records of one file, each by itself: AES in counter mode with a key that this object
 * alone has. The index of a record is the upper half of its counters, so that no two records share
 * one; a record may be written once.
 */
final class RecordCipher {
  private static final int KEY_BYTES = 16;
  private static final int IV_BYTES = 16;

  private final SecretKeySpec key;
  private final Cipher cipher;

  RecordCipher() {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, "AES");
    try {
      cipher = Cipher.getInstance("AES/CTR/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has AES", e);
    }
  }

  /** Encrypts in place what is not encrypted, and the reverse. */
  synchronized void apply(int index, byte[] bytes, int start, int length) {
    byte[] counter = ByteBuffer.allocate(IV_BYTES).putLong(index).array();
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(counter));
      cipher.doFinal(bytes, start, length, bytes, start);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("counter mode takes any length", e);
    }
  }
}
