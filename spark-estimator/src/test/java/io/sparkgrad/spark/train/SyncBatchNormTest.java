// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.FloatFormat;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Batch norms of ranks that are threads, which normalise by the rows of all. */
class SyncBatchNormTest {
  private static TrainingPlan plan(int batchSize, boolean syncBatchNorm) {
    String architecture =
        Architecture.toJson(
            Sequential.builder()
                .add("fc1", new Linear(4, 6))
                .add("bn1", new BatchNorm1d(6))
                .add("relu", new ReLU())
                .add("fc2", new Linear(6, 5))
                .add("bn2", new BatchNorm1d(5))
                .add("fc3", new Linear(5, 3))
                .build());
    TrainingPlan plan = Workers.plan(architecture, List.of(), batchSize);
    return syncBatchNorm ? withSyncBatchNorm(plan) : plan;
  }

  private static TrainingPlan withSyncBatchNorm(TrainingPlan plan) {
    return new TrainingPlan(
        plan.network().withSyncBatchNorm(true),
        plan.objective(),
        plan.optimizer(),
        plan.schedule(),
        plan.validation(),
        plan.passes(),
        plan.device(),
        plan.faults());
  }

  private static Rows rows(IntStream numbers) {
    return new Workers.Numbered(numbers.boxed().toList());
  }

  private static Map<String, Tensor> oneWorker(TrainingPlan plan, Rows rows) throws Exception {
    return LinksInMemory.run(
            1, c -> Workers.train(plan, c, rows, Workers.none()).network().stateDict())
        .results()
        .get(0);
  }

  private static void assertSame(
      Map<String, Tensor> expected, Map<String, Tensor> actual, double delta) {
    for (Map.Entry<String, Tensor> e : expected.entrySet()) {
      assertArrayEquals(
          e.getValue().toDoubleArray(), actual.get(e.getKey()).toDoubleArray(), delta, e.getKey());
    }
  }

  @Test
  @DisplayName("any number of workers equals one on the merged batches, running statistics too")
  void equalsOneWorker() throws Exception {
    Rows all = rows(IntStream.range(0, Workers.ROWS));
    Map<String, Tensor> one = oneWorker(plan(12, true), all);
    for (int workers : new int[] {2, 3, 4}) {
      List<Map<String, Tensor>> ranks =
          LinksInMemory.run(
                  workers,
                  c ->
                      Workers.train(
                              plan(12 / workers, true),
                              c,
                              Workers.share(c, 0, Workers.ROWS),
                              Workers.none())
                          .network()
                          .stateDict())
              .results();
      assertSame(one, ranks.get(0), 1e-5);
      for (Map<String, Tensor> rank : ranks) {
        assertSame(ranks.get(0), rank, 0);
      }
    }
  }

  @Test
  @DisplayName("local statistics are others: without the Param two workers do not equal one")
  void localStatistics() throws Exception {
    Map<String, Tensor> one = oneWorker(plan(12, false), rows(IntStream.range(0, Workers.ROWS)));
    Map<String, Tensor> two =
        LinksInMemory.run(
                2,
                c ->
                    Workers.train(
                            plan(6, false), c, Workers.share(c, 0, Workers.ROWS), Workers.none())
                        .network()
                        .stateDict())
            .results()
            .get(0);
    assertThrows(AssertionError.class, () -> assertSame(one, two, 1e-3));
  }

  @Test
  @DisplayName("a worker that is out of rows goes on meeting the others, and counts for nothing")
  void outOfRows() throws Exception {
    // The first worker's second batch has no counterpart.
    for (int accumulation : new int[] {1, 2}) {
      OptimizerSettings optimizer =
          Workers.plan(1)
              .optimizer()
              .withGradients(new OptimizerSettings.Gradients(0, 0, accumulation));
      Map<String, Tensor> one =
          oneWorker(Workers.with(plan(12, true), optimizer), rows(IntStream.range(0, 18)));
      List<Map<String, Tensor>> two =
          LinksInMemory.run(
                  2,
                  c -> {
                    IntStream numbers =
                        c.rank() == 0
                            ? IntStream.concat(IntStream.range(0, 6), IntStream.range(12, 18))
                            : IntStream.range(6, 12);
                    TrainingPlan plan = Workers.with(plan(6, true), optimizer);
                    return Workers.train(plan, c, rows(numbers), Workers.none())
                        .network()
                        .stateDict();
                  })
              .results();
      assertSame(one, two.get(0), 1e-5);
      assertSame(two.get(0), two.get(1), 0);
    }
  }

  @Test
  @DisplayName("a worker that fails where the others wait for it in a batch norm ends them as well")
  void failure() throws Exception {
    for (int failing = 0; failing < 3; failing++) {
      int number = failing;
      List<String> sentences =
          LinksInMemory.run(
                  3,
                  c -> {
                    Rows own = Workers.share(c, 0, Workers.ROWS);
                    Rows rows = c.rank() == number ? new Unreadable(own) : own;
                    return assertThrows(
                            RuntimeException.class,
                            () -> Workers.train(plan(4, true), c, rows, Workers.none()))
                        .getMessage();
                  })
              .results();
      assertEquals(
          IntStream.range(0, 3)
              .mapToObj(r -> r == number ? "no such row" : "another worker could not go on")
              .toList(),
          sentences);
    }
  }

  /** Rows of which the second batch cannot be read. */
  private record Unreadable(Rows rows) implements Rows {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Batch batch(int[] order, int from, int to) {
      if (from > 0) {
        throw new IllegalStateException("no such row");
      }
      return rows.batch(order, from, to);
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }
  }

  @Test
  @DisplayName("a loss that cannot be computed, after forward, ends all workers too")
  void failureBetweenForwardAndBackward() throws Exception {
    List<String> sentences =
        LinksInMemory.run(
                2,
                c -> {
                  Rows own = Workers.share(c, 0, Workers.ROWS);
                  Rows rows = c.rank() == 1 ? new Workers.Mislabelled(own) : own;
                  return assertThrows(
                          RuntimeException.class,
                          () -> Workers.train(plan(4, true), c, rows, Workers.none()))
                      .getMessage();
                })
            .results();
    assertEquals("another worker could not go on", sentences.get(0));
    assertTrue(sentences.get(1).contains("target 7"), sentences.get(1));
  }

  @Test
  @DisplayName("workers with unequal numbers of rows, or none at all, equal one worker")
  void unevenShares() throws Exception {
    List<Integer> twelve = numbers(0, 12);
    List<Integer> none = List.of();
    for (List<List<Integer>> shares :
        List.of(
            List.of(twelve, none),
            List.of(none, twelve, none),
            List.of(numbers(0, 1), numbers(1, 5), none, numbers(5, 6)))) {
      for (int accumulation : new int[] {1, 2}) {
        OptimizerSettings optimizer =
            Workers.plan(1)
                .optimizer()
                .withGradients(new OptimizerSettings.Gradients(0, 0, accumulation));
        TrainingPlan plan = Workers.with(plan(6, true), optimizer);
        List<Integer> all = shares.stream().flatMap(List::stream).toList();
        Map<String, Tensor> one = oneWorker(plan, new Workers.Numbered(all));
        List<Map<String, Tensor>> ranks =
            LinksInMemory.run(
                    shares.size(),
                    c -> {
                      Rows own = new Workers.Numbered(shares.get(c.rank()));
                      return Workers.train(plan, c, own, Workers.none()).network().stateDict();
                    })
                .results();
        assertSame(one, ranks.get(0), 1e-5);
        for (Map<String, Tensor> rank : ranks) {
          assertSame(ranks.get(0), rank, 0);
        }
      }
    }
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  /** Two batch norms, and parameters enough for three buckets. */
  private static String wide() {
    return Architecture.toJson(
        Sequential.builder()
            .add("fc1", new Linear(4, 600))
            .add("bn1", new BatchNorm1d(600))
            .add("fc2", new Linear(600, 1800))
            .add("bn2", new BatchNorm1d(1800))
            .add("fc3", new Linear(1800, 300))
            .add("fc4", new Linear(300, 3))
            .build());
  }

  /** Writes down which calls a rank makes. */
  private static final class Witness extends ForwardingCommunicator {
    private final List<String> calls = new ArrayList<>();

    Witness(Communicator target) {
      super(target);
    }

    @Override
    public void allReduceSum(float[] data, int offset, int length, FloatFormat format) {
      calls.add("bucket");
      super.allReduceSum(data, offset, length, format);
    }

    @Override
    public void allReduceSum(double[] data) {
      calls.add("doubles");
      super.allReduceSum(data);
    }
  }

  @Test
  @DisplayName("gradients are sent between the batch norms of backward, in one order on all ranks")
  void overlap() throws Exception {
    OptimizerSettings optimizer =
        Workers.plan(1)
            .optimizer()
            .withGradients(new OptimizerSettings.Gradients(0, 0, 2)); // one step an epoch
    TrainingPlan plan =
        Workers.with(
            Workers.with(
                withSyncBatchNorm(Workers.plan(wide(), List.of(), 6)), ValidationSettings.NONE, 1),
            optimizer);
    // All have done their part of the step at another time.
    List<List<Integer>> shares = List.of(numbers(0, 6), List.of(), numbers(6, 18));
    List<List<String>> calls =
        LinksInMemory.run(
                3,
                c -> {
                  Witness witness = new Witness(c);
                  Rows own = new Workers.Numbered(shares.get(c.rank()));
                  Workers.train(plan, witness, own, Workers.none());
                  return witness.calls;
                })
            .results();
    String batch = "doubles ".repeat(8); // of two layers, two sums forward and two backward
    String sizes = "doubles ";
    String lastBatch = "doubles ".repeat(5) + "bucket doubles doubles bucket doubles ";
    String end = "doubles bucket doubles"; // of the step: all are there, the rest, weight and loss
    for (List<String> ofRank : calls) {
      String sequence = String.join(" ", ofRank);
      assertTrue(sequence.startsWith(sizes + batch + lastBatch + end), sequence);
      assertEquals(calls.get(0), ofRank);
    }
  }

  @Test
  @DisplayName("a worker may fail between any two batch norms, with buckets sent or not: all end")
  void failureAnywhere() throws Exception {
    TrainingPlan plan = withSyncBatchNorm(Workers.plan(wide(), List.of(), 6));
    int sizes = 1;
    int ofBatch = 8;
    for (int number = sizes; number < sizes + ofBatch; number++) {
      int failing = number;
      List<String> sentences =
          LinksInMemory.run(
                  3,
                  c -> {
                    Communicator own = c.rank() == 1 ? new Failing(c, failing) : c;
                    Rows rows = Workers.share(c, 0, Workers.ROWS);
                    return assertThrows(
                            RuntimeException.class,
                            () -> Workers.train(plan, own, rows, Workers.none()))
                        .getMessage();
                  })
              .results();
      assertEquals(
          List.of(
              "another worker could not go on",
              "out of luck before call " + failing,
              "another worker could not go on"),
          sentences);
    }
  }

  /** Fails once, before it would exchange doubles. */
  private static final class Failing extends ForwardingCommunicator {
    private final int failing;
    private int calls;

    Failing(Communicator target, int failing) {
      super(target);
      this.failing = failing;
    }

    @Override
    public void allReduceSum(double[] data) {
      if (calls++ == failing) {
        throw new IllegalStateException("out of luck before call " + failing);
      }
      super.allReduceSum(data);
    }
  }
}
