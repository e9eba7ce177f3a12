// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Cuts a stream of bytes into frames without gathering them: a payload is handed on in the parts
 * that the network brought it in. A frame is the number of bytes that follow, the session, the
 * sender's rank, the sequence number and the payload.
 */
final class FrameParser {
  private static final int LENGTH = Integer.BYTES;
  static final int HEADER = LENGTH + Long.BYTES + Integer.BYTES + Integer.BYTES;

  /** No number that a frame holds is torn between two parts. */
  private static final int UNIT = Long.BYTES;

  private final Listener listener;
  private final ByteBuf header = Unpooled.buffer(HEADER, HEADER);
  private final ByteBuf torn = Unpooled.buffer(UNIT, UNIT);
  private int remaining;
  private boolean inPayload;

  /** Gets the frames. */
  interface Listener {
    /** A frame begins, of at most {@link Link#MAX_FRAME} bytes. */
    void begin(long session, int rank, int sequence, int bytes);

    /**
     * More of the frame, to be released; but for the last of a frame, a multiple of eight bytes.
     */
    void part(ByteBuf part);
  }

  FrameParser(Listener listener) {
    this.listener = listener;
  }

  static void writeHeader(ByteBuf out, long session, int rank, int sequence, int bytes) {
    out.writeInt(HEADER - LENGTH + bytes).writeLong(session).writeInt(rank).writeInt(sequence);
  }

  /**
   * Takes more of the stream; the caller keeps the buffer.
   *
   * @throws IllegalArgumentException if a frame has an impossible length
   */
  void parse(ByteBuf in) {
    while (in.isReadable()) {
      if (inPayload) {
        payload(in);
      } else {
        in.readBytes(header, Math.min(header.writableBytes(), in.readableBytes()));
        if (!header.isWritable()) {
          begin();
        }
      }
    }
  }

  private void begin() {
    int length = header.readInt();
    remaining = length - (HEADER - LENGTH);
    if (remaining < 0 || remaining > Link.MAX_FRAME) {
      throw new IllegalArgumentException("a frame of " + length + " bytes");
    }
    listener.begin(header.readLong(), header.readInt(), header.readInt(), remaining);
    header.clear();
    inPayload = remaining > 0;
  }

  private void payload(ByteBuf in) {
    int size = Math.min(remaining, in.readableBytes());
    if (torn.isReadable()) {
      size = Math.min(size, torn.writableBytes());
      in.readBytes(torn, size);
      if (!torn.isWritable() || size == remaining) {
        listener.part(torn.copy());
        torn.clear();
      }
    } else {
      int whole = size == remaining ? size : size - size % UNIT;
      if (whole > 0) {
        listener.part(in.readRetainedSlice(whole));
      }
      in.readBytes(torn, size - whole);
    }
    remaining -= size;
    inPayload = remaining > 0;
  }
}
