// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/** Ranks that are threads of one process, and what they send each other. */
public final class LinksInMemory {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Mailbox[][] mailboxes;
  private final LongAdder bytes = new LongAdder();

  private LinksInMemory(int worldSize) {
    mailboxes = new Mailbox[worldSize][worldSize];
    for (Mailbox[] row : mailboxes) {
      for (int i = 0; i < worldSize; i++) {
        row[i] = new Mailbox();
      }
    }
  }

  /** What the ranks came to, in order, and how many bytes they sent in all. */
  public record Outcome<T>(List<T> results, long bytes) {}

  /** What one rank does. */
  @FunctionalInterface
  public interface Rank<T> {
    T run(Communicator communicator) throws Exception;
  }

  /** Runs one thread per rank. */
  public static <T> Outcome<T> run(int worldSize, Rank<T> rank) throws Exception {
    LinksInMemory links = new LinksInMemory(worldSize);
    ExecutorService threads = Executors.newFixedThreadPool(worldSize);
    try {
      List<Callable<T>> work = new ArrayList<>();
      for (int r = 0; r < worldSize; r++) {
        Link link = links.new End(r);
        work.add(() -> rank.run(new RingCommunicator(link)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> f : threads.invokeAll(work)) {
        results.add(f.get());
      }
      return new Outcome<>(results, links.bytes.sum());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private final class End implements Link {
    private final int rank;
    private final int[] sent = new int[mailboxes.length];

    End(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int worldSize() {
      return mailboxes.length;
    }

    @Override
    public void send(int peer, ByteBuffer message) {
      bytes.add(message.remaining());
      mailboxes[peer][rank].put(++sent[peer], message);
    }

    @Override
    public ByteBuffer receive(int peer) {
      return mailboxes[rank][peer].take("rank " + rank + " waits for rank " + peer, DEADLINE);
    }

    @Override
    public void abort(String cause) {
      for (int peer = 0; peer < mailboxes.length; peer++) {
        for (Mailbox mailbox : mailboxes[peer]) {
          mailbox.end("rank %d failed: %s".formatted(rank, cause));
        }
      }
    }

    @Override
    public void close() {}
  }
}
