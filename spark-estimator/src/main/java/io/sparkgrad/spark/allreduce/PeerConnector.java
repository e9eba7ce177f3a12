// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to the ranks below one and accepts those of the ranks above, one for each peer;
 * {@link SparkTransport} secures them. Its server turns away whoever is not of this attempt of this
 * fit. The channels belong to the caller as soon as it has them.
 */
final class PeerConnector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerConnector.class);

  /** Connections beyond those of the ranks that may be open without having greeted. */
  private static final int STRANGERS = 64;

  /** The values of {@link #states}, from zero on. */
  private static final int EXPECTED = 0;

  private static final int ADMITTED = 1;
  private static final int ACCEPTED = 2;

  private final Greeting self;
  private final Topology topology;
  private final Duration deadline;
  private final SparkTransport transport;
  private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();

  /** How far the connection of a higher rank has come, by rank. */
  private final AtomicIntegerArray states;

  /** A connection of a higher rank, which has greeted and does not read yet. */
  record Arrival(int rank, Channel channel) {
    private void close() {
      var unused = channel.close();
    }
  }

  /**
   * Opens the server.
   *
   * @param deadline how long another rank may take to answer or to come
   */
  PeerConnector(SparkTransport.Site site, Greeting self, Topology topology, Duration deadline) {
    this.self = self;
    this.topology = topology;
    this.deadline = deadline;
    this.states = new AtomicIntegerArray(self.worldSize());
    this.transport =
        new SparkTransport(
            site,
            new Porter(),
            new HalfOpenLimit(STRANGERS + self.worldSize(), deadline.toMillis()));
  }

  /** Where the other ranks reach this one, as {@code host:port}. */
  String address() {
    return transport.host() + ":" + transport.port();
  }

  /**
   * Connects to a lower rank.
   *
   * @throws CommunicationException if it is not there, refuses, or does not answer in time
   */
  Channel open(int peer, String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    try {
      return transport.greet(host, port, self.encode(), deadline);
    } catch (IOException e) {
      throw new CommunicationException(
          "rank %d cannot connect to rank %d at %s in attempt %d: %s"
              .formatted(self.rank(), peer, address, self.attempt(), e.getMessage()),
          e);
    }
  }

  /**
   * Waits for the next of the higher ranks.
   *
   * @param addresses in rank order, for messages
   * @throws CommunicationException if none comes in time
   */
  Arrival accept(List<String> addresses) {
    try {
      Arrival arrival = arrivals.poll(deadline.toMillis(), TimeUnit.MILLISECONDS);
      if (arrival != null) {
        states.set(arrival.rank, ACCEPTED);
        return arrival;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommunicationException(
          "rank %d was interrupted while it waited for others to connect".formatted(self.rank()));
    }
    List<String> missing = new ArrayList<>();
    for (int peer : topology.higher()) {
      if (states.get(peer) != ACCEPTED) {
        missing.add("rank " + peer + " (" + addresses.get(peer) + ")");
      }
    }
    throw new CommunicationException(
        "rank %d waits for a connection in attempt %d: %s did not come for %.1f s (communicationTimeout)"
            .formatted(
                self.rank(),
                self.attempt(),
                String.join(", ", missing),
                deadline.toMillis() / 1000.0));
  }

  private final class Porter implements SparkTransport.Porter {
    @Override
    public @Nullable String refusal(ByteBuffer message) {
      Greeting greeting = Greeting.decode(message);
      if (greeting == null
          || !greeting.isFromPeerOf(self)
          || greeting.rank() < self.rank()
          || !topology.isPeer(greeting.rank())) {
        LOG.debug("rank {} refuses who is not of this attempt of this fit", self.rank());
        return "the connection is not of attempt %d of this fit".formatted(self.attempt());
      }
      return states.compareAndSet(greeting.rank(), EXPECTED, ADMITTED)
          ? null
          : "rank %d is connected already".formatted(greeting.rank());
    }

    @Override
    public void admitted(ByteBuffer message, Channel channel) {
      Greeting greeting = Objects.requireNonNull(Greeting.decode(message));
      arrivals.add(new Arrival(greeting.rank(), channel));
    }
  }

  /** Closes the server, and connections that nobody has accepted. */
  @Override
  public void close() {
    arrivals.forEach(Arrival::close);
    transport.close();
  }
}
