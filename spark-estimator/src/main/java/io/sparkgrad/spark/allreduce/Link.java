// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;

/** Moves messages between ranks, in order for each pair. */
interface Link extends AutoCloseable {
  int rank();

  int worldSize();

  /** Sends without waiting; the buffer is not to be written to afterwards. */
  void send(int rank, ByteBuffer message);

  /**
   * The next message from a rank.
   *
   * @throws CommunicationException if it is lost, or nothing came before the deadline
   */
  ByteBuffer receive(int rank);

  /** Ends every wait of the other ranks with this sentence. */
  void abort(String cause);

  @Override
  void close();
}
