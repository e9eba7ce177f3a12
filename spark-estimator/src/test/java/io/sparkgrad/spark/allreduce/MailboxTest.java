// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  private final Mailbox mailbox = new Mailbox();

  private String failure() {
    return assertThrows(
            CommunicationException.class, () -> mailbox.take("rank 1 waits for rank 0", SHORT))
        .getMessage();
  }

  @Test
  void givesMessagesInOrderAndThenTheEnd() {
    mailbox.put(1, ByteBuffer.wrap(new byte[] {7}));
    mailbox.end("it closed the connection");
    assertEquals(7, mailbox.take("", SHORT).get());
    assertEquals("rank 1 waits for rank 0: it closed the connection", failure());
    assertEquals("rank 1 waits for rank 0: it closed the connection", failure());
  }

  @Test
  void aSilentPeerEndsTheWaitAtTheDeadline() {
    assertEquals(
        "rank 1 waits for rank 0: nothing came for 0.1 s (communicationTimeout)", failure());
  }

  @Test
  void aGapInTheSequenceEndsTheConversation() {
    mailbox.put(2, ByteBuffer.allocate(0));
    assertEquals("rank 1 waits for rank 0: it sent message 2 after message 0", failure());
  }

  @Test
  void framesSurviveTheWayAndGarbageIsNone() {
    UUID fit = UUID.randomUUID();
    ByteBuffer payload = ByteBuffer.wrap(new byte[] {1, 2, 3});
    Frame frame = Objects.requireNonNull(Frame.decode(new Frame(fit, 2, 3, 4, payload).encode()));
    assertEquals(new Frame(fit, 2, 3, 4, payload), frame);
    ByteBuffer cut = new Frame(fit, 2, 3, 4, payload).encode();
    cut.limit(cut.limit() - 1);
    assertNull(Frame.decode(cut));
    assertNull(Frame.decode(ByteBuffer.allocate(100)));
    assertNull(Frame.decode(ByteBuffer.allocate(3)));
  }
}
