// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.sparkgrad.spark.allreduce.SparkTransport.Connection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Messages between the ranks of one attempt of one fit, over {@link SparkTransport}. */
final class SparkLink implements Link {
  private static final Logger LOG = LoggerFactory.getLogger(SparkLink.class);

  private static final int MAX_CAUSE = 4096;

  /** Which fit, which attempt of its stage, which of its ranks this is. */
  record Identity(UUID fit, int attempt, int rank, int worldSize) {}

  private final Identity self;
  private final Duration deadline;
  private final SparkTransport transport;
  private final Mailbox[] mailboxes;
  private final Map<Object, Integer> rankOfConnection = new ConcurrentHashMap<>();
  private final @Nullable Connection[] connections;
  private final int[] sent;
  private List<String> hosts = List.of();

  /** Opens the server; the ranks are connected when their addresses are known. */
  SparkLink(Identity self, Duration deadline, TransportOpener opener) {
    this.self = self;
    this.deadline = deadline;
    this.mailboxes = new Mailbox[self.worldSize()];
    for (int i = 0; i < mailboxes.length; i++) {
      mailboxes[i] = new Mailbox();
    }
    this.connections = new Connection[self.worldSize()];
    this.sent = new int[self.worldSize()];
    this.transport = opener.open(new Incoming());
  }

  /** Opens a transport that hands over what arrives. */
  @FunctionalInterface
  interface TransportOpener {
    SparkTransport open(SparkTransport.Receiver receiver);
  }

  /** Where the other ranks reach this one, as {@code host:port}. */
  String address() {
    return transport.host() + ":" + transport.port();
  }

  /** Connects to all other ranks; {@code addresses} is in rank order. */
  void connect(List<String> addresses) {
    hosts = addresses;
    for (int peer = 0; peer < connections.length; peer++) {
      if (peer == self.rank()) {
        continue;
      }
      String address = addresses.get(peer);
      int colon = address.lastIndexOf(':');
      try {
        connections[peer] =
            transport.connect(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
      } catch (IOException e) {
        throw new CommunicationException(
            "rank %d cannot connect to rank %d at %s in attempt %d: %s"
                .formatted(self.rank(), peer, address, self.attempt(), e.getMessage()),
            e);
      }
      post(peer, 0, ByteBuffer.allocate(0)); // the greeting tells the peer whose connection this is
    }
  }

  @Override
  public int rank() {
    return self.rank();
  }

  @Override
  public int worldSize() {
    return self.worldSize();
  }

  @Override
  public void send(int peer, ByteBuffer message) {
    post(peer, ++sent[peer], message);
  }

  private void post(int peer, int sequence, ByteBuffer message) {
    Connection connection = connections[peer];
    if (connection == null) {
      throw new IllegalStateException("rank " + peer + " is not connected");
    }
    connection.send(new Frame(self.fit(), self.attempt(), self.rank(), sequence, message).encode());
  }

  @Override
  public ByteBuffer receive(int peer) {
    String who =
        "rank %d waits for rank %d (%s) in attempt %d"
            .formatted(self.rank(), peer, hosts.get(peer), self.attempt());
    return mailboxes[peer].take(who, deadline);
  }

  @Override
  public void abort(String cause) {
    byte[] text = cause.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.wrap(text, 0, Math.min(text.length, MAX_CAUSE));
    for (int peer = 0; peer < connections.length; peer++) {
      if (connections[peer] != null) {
        post(peer, Frame.ABORT, message);
      }
    }
  }

  private final class Incoming implements SparkTransport.Receiver {
    @Override
    public void received(Object connection, ByteBuffer message) {
      Frame frame = Frame.decode(message);
      if (frame == null
          || !frame.fit().equals(self.fit())
          || frame.attempt() != self.attempt()
          || frame.rank() < 0
          || frame.rank() >= mailboxes.length) {
        LOG.debug(
            "rank {} dropped a message that is not for this attempt of this fit", self.rank());
        return;
      }
      if (frame.sequence() == Frame.ABORT) {
        String cause = StandardCharsets.UTF_8.decode(frame.payload()).toString();
        String reason = "rank %d failed: %s".formatted(frame.rank(), cause);
        for (Mailbox mailbox : mailboxes) {
          mailbox.end(reason);
        }
      } else if (frame.sequence() == 0) {
        rankOfConnection.put(connection, frame.rank());
      } else {
        mailboxes[frame.rank()].put(frame.sequence(), frame.payload());
      }
    }

    @Override
    public void disconnected(Object connection) {
      Integer rank = rankOfConnection.remove(connection);
      if (rank != null) {
        mailboxes[rank].end("it closed the connection (its task failed or was killed)");
      }
    }
  }

  @Override
  public void close() {
    for (Connection connection : connections) {
      if (connection != null) {
        connection.close();
      }
    }
    transport.close();
  }
}
