// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Moves frames between ranks, in order for each pair; buffers are little-endian. */
interface Link extends AutoCloseable {
  /** The most that a frame holds, in bytes. */
  int MAX_FRAME = 1 << 18;

  int rank();

  int worldSize();

  /**
   * Whether frames go between any two ranks; if not, only to the next rank and from the one before.
   */
  boolean isMesh();

  /**
   * Sends a frame; waits only if many others have not left yet.
   *
   * @param bytes at most {@link #MAX_FRAME}
   * @param writer fills the frame
   * @throws CommunicationException if the other rank is lost, or takes nothing until the deadline
   */
  void send(int rank, int bytes, Consumer<ByteBuffer> writer);

  /**
   * The length of the next frame from a rank, in bytes; waits for its beginning.
   *
   * @throws CommunicationException if the rank is lost, or nothing came before the deadline
   */
  int nextFrame(int rank);

  /**
   * Takes the next frame from a rank.
   *
   * @param reader gets the frame in the parts that it comes in; no number of eight bytes is torn
   * @throws CommunicationException as above
   */
  void receive(int rank, Consumer<ByteBuffer> reader);

  /**
   * Takes the next frame from a rank, and sends another rank one as long that is made of it.
   *
   * @param maker gets the parts as {@link #receive} gives them, and the frame, in which it writes
   *     as many bytes as it was given and moves the position over them
   * @throws CommunicationException as {@link #send} and {@link #receive}
   */
  void relay(int from, int to, BiConsumer<ByteBuffer, ByteBuffer> maker);

  /**
   * Takes the next frame from a rank as {@link #receive}, and sends another rank the same bytes.
   *
   * @throws CommunicationException as {@link #send} and {@link #receive}
   */
  void forward(int from, int to, Consumer<ByteBuffer> reader);

  /** Waits until what was sent has left. */
  void flush();

  /** Ends every wait of the other ranks with this sentence; any thread may call it. */
  void abort(String cause);

  @Override
  void close();
}
