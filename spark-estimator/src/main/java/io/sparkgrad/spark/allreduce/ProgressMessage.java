// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What rank 0 tells the driver; what does not carry the fit's random number is not ours. */
record ProgressMessage(UUID fit, String text) {
  private static final int HEADER = 2 * Long.BYTES;

  ByteBuffer encode() {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(HEADER + bytes.length);
    out.putLong(fit.getMostSignificantBits()).putLong(fit.getLeastSignificantBits()).put(bytes);
    return out.flip();
  }

  /** Null if it is none. */
  static @Nullable ProgressMessage decode(ByteBuffer in) {
    if (in.remaining() < HEADER) {
      return null;
    }
    UUID fit = new UUID(in.getLong(), in.getLong());
    return new ProgressMessage(fit, StandardCharsets.UTF_8.decode(in).toString());
  }
}
