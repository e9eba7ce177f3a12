// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.Rows;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that reads the next batch, and no further one, while this one is computed; the tensors
 * are made by the thread that computes, so that what it gives to the device comes in the same order
 * each time. Who gets the batches cannot tell the difference.
 *
 * <p>For a device that computes by itself, which would stand still while rows are read. On a CPU
 * the threads that compute have all cores of the task: a reader would take from one of them what it
 * saves the others.
 */
final class ReadAhead implements AutoCloseable {
  private final int rank;
  private final ExecutorService thread;

  /** The thread starts with the first batch. */
  ReadAhead(int rank) {
    this.rank = rank;
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, "sparkgrad-reader-rank-" + rank);
              made.setDaemon(true);
              return made;
            });
  }

  /** The same rows. Nobody else may read from {@code rows}. */
  Rows of(Rows rows) {
    return new Ahead(rows);
  }

  private final class Ahead implements Rows {
    private final Rows rows;
    private @Nullable Expected next;

    /** A batch that is being read. */
    private record Expected(int[] order, int from, int to, Future<Supplier<Batch>> batch) {
      boolean is(int[] wanted, int first, int last) {
        return order == wanted && from == first && to == last;
      }
    }

    Ahead(Rows rows) {
      this.rows = rows;
    }

    @Override
    public int size() {
      return rows.size();
    }

    /** Expects that the one behind it, which has as many rows, is asked for next. */
    @Override
    public Batch batch(int[] order, int from, int to) {
      Expected wanted = next;
      if (wanted == null || !wanted.is(order, from, to)) {
        wanted = begin(order, from, to);
      }
      next = null;
      Supplier<Batch> batch = await(wanted.batch);
      next = to < size() ? begin(order, to, Math.min(size(), to + (to - from))) : null;
      return batch.get();
    }

    private Expected begin(int[] order, int from, int to) {
      return new Expected(order, from, to, thread.submit(() -> rows.read(order, from, to)));
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }
  }

  /** What reading threw is thrown here, itself. */
  private <T> T await(Future<T> result) {
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "rank %d: the task was interrupted while it waited for rows".formatted(rank), e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause(); // reading declares no other
    }
  }

  /**
   * Ends the thread, and a read that it is in by an interrupt; does not wait for that: who still
   * reads rows that are closed now fails, and nobody asks.
   */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
