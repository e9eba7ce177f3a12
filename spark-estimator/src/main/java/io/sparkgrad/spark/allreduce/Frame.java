// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message with its address: which fit, which attempt of its stage, from which rank, the how
 * manieth from there. What does not carry the fit's random number is not ours.
 *
 * @param sequence 0 is the greeting of a new connection, {@link #ABORT} a rank's last word
 */
record Frame(UUID fit, int attempt, int rank, int sequence, ByteBuffer payload) {
  static final int ABORT = -1;

  private static final int MAGIC = 0x5347_5201; // "SGR", version 1
  private static final int HEADER = 4 + 16 + 4 + 4 + 4 + 4;

  ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate(HEADER + payload.remaining());
    out.putInt(MAGIC);
    out.putLong(fit.getMostSignificantBits()).putLong(fit.getLeastSignificantBits());
    out.putInt(attempt).putInt(rank).putInt(sequence).putInt(payload.remaining());
    out.put(payload.duplicate());
    return out.flip();
  }

  /** Null if it is not a frame, or its length is not what it says. */
  static @Nullable Frame decode(ByteBuffer in) {
    if (in.remaining() < HEADER || in.getInt() != MAGIC) {
      return null;
    }
    UUID fit = new UUID(in.getLong(), in.getLong());
    int attempt = in.getInt();
    int rank = in.getInt();
    int sequence = in.getInt();
    if (in.getInt() != in.remaining()) {
      return null;
    }
    // The network library takes its buffer back when the handler returns.
    ByteBuffer payload = ByteBuffer.allocate(in.remaining());
    payload.put(in).flip();
    return new Frame(fit, attempt, rank, sequence, payload);
  }
}
