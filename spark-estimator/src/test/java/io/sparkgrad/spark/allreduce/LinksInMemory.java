// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Ranks that are threads of one process, and what they send each other. */
public final class LinksInMemory {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final List<List<Queue<ByteBuffer>>> frames = new ArrayList<>();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private final LongAdder bytes = new LongAdder();

  private final boolean mesh;

  private LinksInMemory(int worldSize, boolean mesh) {
    this.mesh = mesh;
    for (int to = 0; to < worldSize; to++) {
      frames.add(new ArrayList<>());
      for (int from = 0; from < worldSize; from++) {
        frames.get(to).add(new ConcurrentLinkedQueue<>());
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
    return run(worldSize, true, rank);
  }

  /**
   * The same with the connections chosen.
   *
   * @param mesh whether each rank may send to each other, or to the next only
   */
  static <T> Outcome<T> run(int worldSize, boolean mesh, Rank<T> rank) throws Exception {
    LinksInMemory links = new LinksInMemory(worldSize, mesh);
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

    End(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int worldSize() {
      return frames.size();
    }

    @Override
    public boolean isMesh() {
      return mesh;
    }

    @Override
    public void send(int peer, int size, Consumer<ByteBuffer> writer) {
      if (!mesh && peer != (rank + 1) % worldSize()) {
        throw new AssertionError("rank %d is no neighbour of rank %d".formatted(peer, rank));
      }
      ByteBuffer frame = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
      writer.accept(frame.duplicate().order(ByteOrder.LITTLE_ENDIAN));
      bytes.add(size);
      frames.get(peer).get(rank).add(frame);
    }

    @Override
    public int nextFrame(int peer) {
      return next(peer).remaining();
    }

    @Override
    public void receive(int peer, Consumer<ByteBuffer> reader) {
      reader.accept(taken(peer));
    }

    @Override
    public void relay(int from, int to, BiConsumer<ByteBuffer, ByteBuffer> maker) {
      ByteBuffer frame = taken(from);
      send(to, frame.remaining(), out -> maker.accept(frame, out));
    }

    @Override
    public void forward(int from, int to, Consumer<ByteBuffer> reader) {
      ByteBuffer frame = taken(from);
      reader.accept(frame.duplicate().order(ByteOrder.LITTLE_ENDIAN));
      send(to, frame.remaining(), out -> out.put(frame));
    }

    private ByteBuffer taken(int peer) {
      next(peer);
      return frames.get(rank).get(peer).remove();
    }

    private ByteBuffer next(int peer) {
      long start = System.nanoTime();
      while (true) {
        ByteBuffer frame = frames.get(rank).get(peer).peek();
        if (frame != null) {
          return frame;
        }
        if (failure.get() != null) {
          throw new CommunicationException(failure.get());
        }
        if (System.nanoTime() - start > DEADLINE.toNanos()) {
          throw new CommunicationException("nothing came from rank " + peer);
        }
        LockSupport.parkNanos(20_000);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void abort(String cause) {
      failure.compareAndSet(null, "rank %d failed: %s".formatted(rank, cause));
    }

    @Override
    public void close() {}
  }
}
