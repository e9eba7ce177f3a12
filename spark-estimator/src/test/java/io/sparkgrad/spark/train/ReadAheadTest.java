// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.spark.LateGpu;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.train.Workers.Trained;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private static final int[] ORDER = IntStream.range(0, Workers.ROWS).toArray();

  /**
   * Rows of which it is known who reads them, and from which on.
   *
   * @param before is told the first row of a read before it is made
   */
  private record Watched(
      Rows rows, IntConsumer before, BlockingQueue<Integer> reads, Set<Thread> readers)
      implements Rows {
    Watched(Rows rows, IntConsumer before) {
      this(rows, before, new LinkedBlockingQueue<>(), ConcurrentHashMap.newKeySet());
    }

    static Watched all(IntConsumer before) {
      return new Watched(
          new Workers.Numbered(IntStream.range(0, Workers.ROWS).boxed().toList()), before);
    }

    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Batch batch(int[] order, int from, int to) {
      return read(order, from, to).get();
    }

    @Override
    public Supplier<Batch> read(int[] order, int from, int to) {
      readers.add(Thread.currentThread());
      reads.add(from);
      before.accept(from);
      return rows.read(order, from, to);
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }

    private void awaitRead(int from) throws InterruptedException {
      assertEquals(from, reads.poll(60, TimeUnit.SECONDS));
    }
  }

  /** On two ranks, with rows for validation, in another order each epoch. */
  private static List<Trained> train(Backend device, boolean ahead) throws Exception {
    TrainingPlan inOrder = Workers.plan(4);
    TrainingPlan plan =
        new TrainingPlan(
            inOrder.network(),
            inOrder.objective(),
            inOrder.optimizer(),
            inOrder.schedule(),
            inOrder.validation(),
            new TrainingPlan.Passes(4, Workers.EPOCHS, true, 5),
            inOrder.device(),
            inOrder.faults());
    return LinksInMemory.run(
            2,
            c -> {
              Watched training = new Watched(Workers.share(c, 0, Workers.ROWS), from -> {});
              Watched validation = new Watched(Workers.share(c, 30, 43), from -> {});
              try (var own = DefaultBackend.set(device)) {
                Trained trained = Workers.train(plan, c, training, validation);
                for (Watched rows : List.of(training, validation)) {
                  boolean here = rows.readers.contains(Thread.currentThread());
                  assertEquals(ahead, !here);
                  assertEquals(1, rows.readers.size());
                  assertEquals(Workers.EPOCHS * ((rows.size() + 3) / 4), rows.reads.size());
                }
                return trained;
              }
            })
        .results();
  }

  @Test
  @DisplayName("for a GPU rows are read ahead, for a CPU not: the same reads, the same bits")
  void sameWeights() throws Exception {
    List<Trained> cpu = train(Backends.byName("java"), false);
    List<Trained> gpu = train(new LateGpu().backend(), true);
    for (int rank = 0; rank < 2; rank++) {
      List<float[]> expected = cpu.get(rank).parameters();
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i), gpu.get(rank).parameters().get(i));
      }
      var last = gpu.get(rank).summary().epochs().get(Workers.EPOCHS - 1);
      assertEquals(
          cpu.get(rank).summary().epochs().get(Workers.EPOCHS - 1).validation(), last.validation());
    }
  }

  @Test
  @DisplayName("one batch is read ahead and no second, whatever sizes are asked for")
  void oneBatchAhead() {
    Watched rows = Watched.all(from -> {});
    try (ReadAhead reader = new ReadAhead(0)) {
      Rows ahead = reader.of(rows);
      int from = 3;
      for (int size : new int[] {4, 4, 2, 2, 4, 4}) {
        assertSameRows(
            rows.rows.batch(ORDER, from, from + size), ahead.batch(ORDER, from, from + size));
        from += size;
      }
      assertEquals(Workers.ROWS, from);
      assertEquals(List.of(3, 7, 11, 11, 13, 15, 15, 19), List.copyOf(rows.reads));
    }
  }

  private static void assertSameRows(Batch expected, Batch actual) {
    assertArrayEquals(expected.labels(), actual.labels());
    assertArrayEquals(expected.weights(), actual.weights());
    assertArrayEquals(
        expected.inputs().get(0).toFloatArray(), actual.inputs().get(0).toFloatArray());
  }

  @Test
  @DisplayName("what reading throws comes with the batch that was asked for, itself")
  void failures() {
    for (Throwable failure :
        List.of(
            new InputException("row 4 is no number"), new OutOfMemoryError("Java heap space"))) {
      Watched rows =
          Watched.all(
              from -> {
                if (from == 4) {
                  ReadAheadTest.<RuntimeException>raise(failure);
                }
              });
      try (ReadAhead reader = new ReadAhead(0)) {
        Rows ahead = reader.of(rows);
        assertEquals(4, ahead.batch(ORDER, 0, 4).size());
        assertSame(failure, assertThrows(Throwable.class, () -> ahead.batch(ORDER, 4, 8)));
        assertEquals(4, ahead.batch(ORDER, 8, 12).size());
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void raise(Throwable failure) throws T {
    throw (T) failure;
  }

  @Test
  @DisplayName("a read that hangs ends with the training, and does not hold up an interrupt")
  void hangingRead() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    Watched rows =
        Watched.all(
            from -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    ReadAhead reader = new ReadAhead(3);
    Thread.currentThread().interrupt();
    var e = assertThrows(IllegalStateException.class, () -> reader.of(rows).batch(ORDER, 0, 4));
    assertTrue(Thread.interrupted());
    assertEquals("rank 3: the task was interrupted while it waited for rows", e.getMessage());
    rows.awaitRead(0);
    Thread thread = rows.readers.iterator().next();
    assertEquals("sparkgrad-reader-rank-3", thread.getName());
    assertTrue(thread.isDaemon());
    reader.close();
    thread.join(60_000);
    assertFalse(thread.isAlive());
  }
}
