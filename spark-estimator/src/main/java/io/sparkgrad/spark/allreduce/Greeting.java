// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who opens a connection: the first thing said on it, after authentication and before any frame.
 *
 * @param attempt of the stage
 */
record Greeting(String application, UUID fit, int attempt, int rank, int worldSize) {
  private static final int MAGIC = 0x5347_5202; // "SGR", version 2

  ByteBuffer encode() {
    byte[] name = application.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(4 + 16 + 4 + 4 + 4 + name.length);
    out.putInt(MAGIC);
    out.putLong(fit.getMostSignificantBits()).putLong(fit.getLeastSignificantBits());
    out.putInt(attempt).putInt(rank).putInt(worldSize).put(name);
    return out.flip();
  }

  /** Null if it is no greeting of this version. */
  static @Nullable Greeting decode(ByteBuffer in) {
    try {
      if (in.getInt() != MAGIC) {
        return null;
      }
      UUID fit = new UUID(in.getLong(), in.getLong());
      int attempt = in.getInt();
      int rank = in.getInt();
      int worldSize = in.getInt();
      return new Greeting(
          StandardCharsets.UTF_8.decode(in).toString(), fit, attempt, rank, worldSize);
    } catch (BufferUnderflowException e) {
      return null;
    }
  }

  /** Whether it comes from another rank of the same attempt of the same fit. */
  boolean isFromPeerOf(Greeting self) {
    return application.equals(self.application)
        && fit.equals(self.fit)
        && attempt == self.attempt
        && worldSize == self.worldSize
        && rank >= 0
        && rank < worldSize
        && rank != self.rank;
  }

  /** What each frame carries for application, fit and attempt. */
  long session() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(new Greeting(application, fit, attempt, 0, worldSize).encode());
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
