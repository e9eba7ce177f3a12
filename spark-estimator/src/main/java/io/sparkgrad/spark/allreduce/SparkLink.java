// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Frames between the ranks of one attempt of one fit: each two have one connection, which {@link
 * PeerConnector} makes; if they are many, each rank has one with the next and one with the rank
 * before, and passes on what it learns of a failure. Who waits for a frame drives the network
 * meanwhile.
 */
final class SparkLink implements Link {
  /** How long the last words may take to leave. */
  private static final long PARTING_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Greeting self;
  private final Duration deadline;
  private final Topology topology;
  private final PeerConnector connector;
  private final CallerEventLoop loop = SparkTransport.callerEventLoop();
  private final @Nullable PeerChannel[] peers;
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
  private List<String> addresses = List.of();
  private volatile boolean closing;

  /**
   * Opens the server; the ranks are connected when their addresses are known.
   *
   * @param deadline how long another rank may be silent while this one waits for it
   */
  SparkLink(SparkTransport.Site site, Greeting self, Duration deadline) {
    this(site, self, deadline, Topology.of(self.rank(), self.worldSize()));
  }

  /** The same with the connections chosen. */
  SparkLink(SparkTransport.Site site, Greeting self, Duration deadline, Topology topology) {
    this.self = self;
    this.deadline = deadline;
    this.topology = topology;
    this.peers = new PeerChannel[self.worldSize()];
    this.connector = new PeerConnector(site, self, topology, deadline);
  }

  /** Where the other ranks reach this one, as {@code host:port}. */
  String address() {
    return connector.address();
  }

  /** Connects with the other ranks; {@code addresses} is in rank order. */
  void connect(List<String> addresses) {
    this.addresses = List.copyOf(addresses);
    for (int peer : topology.lower()) {
      adopt(peer, connector.open(peer, addresses.get(peer)));
      send(peer, 0, greeted -> {}); // the other side waits for this before it sends
    }
    for (int ignored : topology.higher()) {
      PeerConnector.Arrival arrival = connector.accept(addresses);
      adopt(arrival.rank(), arrival.channel());
      receive(arrival.rank(), nothing -> {});
    }
  }

  /** Moves a channel from the thread that it was opened by to those that wait for its frames. */
  private void adopt(int peer, Channel channel) {
    String name = "rank " + peer + " (" + addresses.get(peer) + ") ";
    peers[peer] =
        new PeerChannel(
            channel,
            self,
            peer,
            new PeerChannel.Listener() {
              @Override
              public void lost(String reason) {
                failed(name + reason);
              }

              @Override
              public void told(String sentence) {
                failed(sentence);
              }
            });
    var unused = channel.deregister().awaitUninterruptibly();
    loop.acquire();
    try {
      ChannelFuture registered = loop.adopt(channel);
      drive(registered::isDone, peer, "moves the connection of");
      channel.config().setAutoRead(true);
    } finally {
      loop.release();
    }
  }

  /** The first cause counts; on a ring the ranks that it does not reach are told. */
  private void failed(String sentence) {
    if (failure.compareAndSet(null, sentence) && !topology.mesh()) {
      tellAll(peer -> peer.passOn(sentence));
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
  public boolean isMesh() {
    return topology.mesh();
  }

  @Override
  public void send(int peer, int bytes, Consumer<ByteBuffer> writer) {
    PeerChannel to = peer(peer);
    loop.acquire();
    try {
      awaitRoom(to, peer);
      to.send(bytes, writer);
    } finally {
      loop.release();
    }
  }

  private void awaitRoom(PeerChannel to, int peer) {
    if (to.isFull()) {
      drive(() -> !to.isFull(), peer, "sends to");
    }
  }

  @Override
  public int nextFrame(int peer) {
    PeerChannel from = peer(peer);
    loop.acquire();
    try {
      if (from.nextLength() == null) {
        drive(() -> from.nextLength() != null, peer, "waits for");
      }
      return Objects.requireNonNull(from.nextLength());
    } finally {
      loop.release();
    }
  }

  @Override
  public void receive(int peer, Consumer<ByteBuffer> reader) {
    int remaining = nextFrame(peer);
    PeerChannel from = peer(peer);
    loop.acquire();
    try {
      while (remaining > 0) {
        if (!from.hasPart()) {
          drive(from::hasPart, peer, "waits for");
        }
        remaining -= from.take(reader);
      }
      from.taken();
    } finally {
      loop.release();
    }
  }

  @Override
  public void relay(int source, int target, BiConsumer<ByteBuffer, ByteBuffer> maker) {
    int bytes = nextFrame(source);
    passing(
        source,
        target,
        (from, to) ->
            to.send(
                bytes,
                out -> {
                  for (int remaining = bytes; remaining > 0; ) {
                    remaining -= from.take(part -> maker.accept(part, out));
                  }
                  from.taken();
                }));
  }

  @Override
  public void forward(int source, int target, Consumer<ByteBuffer> reader) {
    passing(source, target, (from, to) -> to.forward(from, reader));
  }

  /** With a whole frame of one, and room for it at the other. */
  private void passing(int source, int target, BiConsumer<PeerChannel, PeerChannel> work) {
    PeerChannel from = peer(source);
    PeerChannel to = peer(target);
    loop.acquire();
    try {
      if (!from.hasFrame()) {
        drive(from::hasFrame, source, "waits for");
      }
      awaitRoom(to, target);
      work.accept(from, to);
    } finally {
      loop.release();
    }
  }

  @Override
  public void flush() {
    loop.acquire();
    try {
      for (int peer = 0; peer < peers.length; peer++) {
        PeerChannel to = peers[peer];
        if (to != null && !to.isFlushed()) {
          drive(to::isFlushed, peer, "sends to");
        }
      }
    } finally {
      loop.release();
    }
  }

  private PeerChannel peer(int rank) {
    return Objects.requireNonNull(peers[rank], () -> "rank " + rank + " is not connected");
  }

  /** Runs the network until something is so, for as long as the other rank gives no offence. */
  private void drive(BooleanSupplier done, int peer, String doing) {
    long start = System.nanoTime();
    while (!done.getAsBoolean()) {
      String cause = failure.get();
      PeerChannel channel = peers[peer];
      if (cause == null && channel != null && channel.end() != null) {
        cause = "it " + channel.end();
      }
      if (cause == null && closing) {
        cause = "the communicator was closed";
      }
      if (cause == null && Thread.currentThread().isInterrupted()) {
        cause = "the task was interrupted";
      }
      if (cause == null && System.nanoTime() - start > deadline.toNanos()) {
        cause =
            "nothing came for %.1f s (communicationTimeout)"
                .formatted(deadline.toMillis() / 1000.0);
      }
      if (cause != null) {
        throw new CommunicationException(
            "rank %d %s rank %d (%s) in attempt %d: %s"
                .formatted(self.rank(), doing, peer, addresses.get(peer), self.attempt(), cause));
      }
      loop.runOnce();
    }
  }

  @Override
  public void abort(String cause) {
    if (failure.get() != null) {
      return; // the others know the first cause
    }
    if (!loop.tryAcquire()) {
      loop.execute(() -> tellAll(peer -> peer.abort(cause))); // whoever waits for the network
      return;
    }
    try {
      tellAll(peer -> peer.abort(cause));
      part();
    } finally {
      loop.release();
    }
  }

  private void tellAll(Consumer<PeerChannel> words) {
    for (PeerChannel peer : peers) {
      if (peer != null && peer.end() == null) {
        words.accept(peer);
      }
    }
  }

  /** Runs the network until all has left, or for a moment. */
  private void part() {
    long start = System.nanoTime();
    for (PeerChannel peer : peers) {
      while (peer != null
          && !peer.isFlushed()
          && peer.end() == null
          && System.nanoTime() - start < PARTING_NANOS) {
        loop.runOnce();
      }
    }
  }

  @Override
  public void close() {
    closing = true;
    loop.execute(() -> {}); // wakes who waits
    loop.acquire();
    try {
      List<ChannelFuture> closed = new ArrayList<>();
      part();
      for (PeerChannel peer : peers) {
        if (peer != null) {
          closed.add(peer.close());
        }
      }
      long start = System.nanoTime();
      while (!closed.stream().allMatch(ChannelFuture::isDone)
          && System.nanoTime() - start < PARTING_NANOS) {
        loop.runOnce();
      }
    } finally {
      loop.release();
      loop.end();
      connector.close();
    }
  }
}
