// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What has come from one rank and was not taken yet, in order; the last may be the end of its
 * connection.
 */
final class Mailbox {
  private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
  private int last;

  private sealed interface Item {}

  private record Message(ByteBuffer payload) implements Item {}

  private record End(String reason) implements Item {}

  /** Called by the connection's thread only. */
  void put(int sequence, ByteBuffer payload) {
    if (sequence == last + 1) {
      last = sequence;
      items.add(new Message(payload));
    } else {
      end("it sent message %d after message %d".formatted(sequence, last));
    }
  }

  void end(String reason) {
    items.add(new End(reason));
  }

  /**
   * Takes the next message.
   *
   * @param who for the error: own rank, the other's rank and host
   */
  ByteBuffer take(String who, Duration deadline) {
    Item item;
    try {
      item = items.poll(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommunicationException(who + ": the task was interrupted while it waited", e);
    }
    if (item instanceof Message m) {
      return m.payload();
    }
    if (item instanceof End end) {
      items.add(end); // whoever asks again gets the same answer
      throw new CommunicationException("%s: %s".formatted(who, end.reason()));
    }
    throw new CommunicationException(
        "%s: nothing came for %.1f s (communicationTimeout)"
            .formatted(who, deadline.toMillis() / 1000.0));
  }
}
