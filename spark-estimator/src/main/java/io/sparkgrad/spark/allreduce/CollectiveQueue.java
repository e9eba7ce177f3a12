// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes collective calls in a thread of its own, one after the other in the order in which they
 * came, while the thread that owns the queue goes on. Between a call of {@link #add} and the end of
 * {@link #await} the communicator and the data belong to that thread. The first call that fails is
 * the last one made.
 */
public final class CollectiveQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CollectiveQueue.class);

  /** An interrupted call ends at once; this is for one that does not listen. */
  private static final long SECONDS_TO_END = 5;

  private final Communicator communicator;
  private final String name;
  private final ExecutorService thread;
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

  /** The thread starts with the first call. */
  public CollectiveQueue(Communicator communicator) {
    this.communicator = communicator;
    this.name = "sparkgrad-allreduce-rank-" + communicator.rank();
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, name);
              made.setDaemon(true);
              return made;
            });
  }

  /** Adds a call; does not wait. */
  public void add(Consumer<Communicator> call) {
    last = last.thenRunAsync(() -> call.accept(communicator), thread);
  }

  /**
   * Waits until all calls were made, after which others may be added.
   *
   * @throws RuntimeException what a call threw, itself
   * @throws CommunicationException if this thread is interrupted while it waits
   */
  public void await() {
    try {
      last.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommunicationException(
          "rank %d: the task was interrupted while it waited for gradients"
              .formatted(communicator.rank()),
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause(); // a call declares no other
    }
  }

  /** Ends the thread, and the call that it is in by an interrupt; waits a few seconds at most. */
  @Override
  public void close() {
    thread.shutdownNow();
    boolean interrupted =
        Thread.interrupted(); // of a cancelled task: it has to clean up all the same
    try {
      if (!thread.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS)) {
        LOG.warn("{} goes on {} s after it was interrupted", name, SECONDS_TO_END);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
