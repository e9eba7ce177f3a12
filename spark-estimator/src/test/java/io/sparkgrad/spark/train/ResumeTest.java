// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Dropout;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.checkpoint.Checkpoint;
import io.sparkgrad.spark.checkpoint.CheckpointPolicy;
import io.sparkgrad.spark.checkpoint.CheckpointStore;
import io.sparkgrad.spark.checkpoint.FitIdentity;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.data.RowsFingerprint;
import io.sparkgrad.spark.summary.EpochSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that go on from a checkpoint, over ranks that are threads. */
class ResumeTest {
  private static final FitIdentity FIT = new FitIdentity(Map.of("learningRate", "0.1"));
  private static final RowsFingerprint ROWS = new RowsFingerprint(23, -7, 1L << 62);

  /** Has dropout, running statistics, a frozen beginning, and state of its own in each rank. */
  private static final String NETWORK =
      Architecture.toJson(
          Sequential.builder()
              .add("fc1", new Linear(4, 8))
              .add("relu1", new ReLU())
              .add("fc2", new Linear(8, 6))
              .add("bn", new BatchNorm1d(6))
              .add("drop", new Dropout(0.3))
              .add("fc3", new Linear(6, 3))
              .build());

  /** Keeps content in memory; may hand out one of the older. */
  private static final class InMemory implements CheckpointStore {
    private final List<byte[]> contents = new ArrayList<>();

    InMemory(List<byte[]> contents) {
      this.contents.addAll(contents);
    }

    @Override
    public Optional<Checkpoint> latest() {
      try {
        return contents.isEmpty()
            ? Optional.empty()
            : Optional.of(Checkpoint.decode(contents.get(contents.size() - 1), "memory"));
      } catch (java.io.IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void save(Checkpoint checkpoint) {
      contents.add(checkpoint.encode());
    }

    @Override
    public void flush() {}

    @Override
    public Optional<String> lastComplete() {
      return Optional.of("memory");
    }

    @Override
    public void close() {}
  }

  private static TrainingPlan plan(String optimizer, String schedule, boolean restoreBest) {
    TrainingPlan base = Workers.plan(NETWORK, List.of("fc1"), 4);
    return new TrainingPlan(
        base.network(),
        base.objective(),
        OptimizerSettings.of(optimizer, 0.05)
            .withWeightDecay(0.01)
            .withLayerRates(List.of(new OptimizerSettings.LayerRate("fc3", 0.02)))
            .withGradients(new OptimizerSettings.Gradients(1, 0, 2)),
        ScheduleSettings.of(schedule),
        new ValidationSettings(3, 0, restoreBest),
        new TrainingPlan.Passes(4, 4, true, 11),
        base.device(),
        base.faults());
  }

  /** What a rank ended with: weights, and history without times. */
  private record End(List<float[]> state, List<String> history) {}

  private static End run(
      TrainingPlan plan,
      Communicator c,
      Rows training,
      CheckpointStore store,
      FitIdentity identity,
      RowsFingerprint rows,
      boolean retry) {
    Share share =
        new Share(training, Workers.share(c, 23, 31), Optional.empty(), rows, Workers::inMemory);
    CheckpointPolicy eachStep = new CheckpointPolicy(1, CheckpointPolicy.Unit.STEP);
    Workers.Trained trained =
        Workers.train(
            plan,
            c,
            share,
            new Checkpoints.Options(
                c.rank() == 0 ? store : CheckpointStore.NONE, eachStep, identity, retry));
    List<float[]> state =
        trained.network().stateDict().values().stream().map(Tensor::toFloatArray).toList();
    return new End(state, trained.summary().epochs().stream().map(ResumeTest::numbers).toList());
  }

  private static String numbers(EpochSummary e) {
    return e.epoch() + " " + e.training() + " " + e.validation() + " " + e.learningRate();
  }

  private static List<End> run(int workers, TrainingPlan plan, InMemory store) throws Exception {
    return LinksInMemory.run(
            workers, c -> run(plan, c, Workers.share(c, 0, Workers.ROWS), store, FIT, ROWS, false))
        .results();
  }

  @ParameterizedTest(name = "{0}, schedule {1}, {2} workers")
  @DisplayName(
      "from whichever checkpoint a run goes on, it ends with the bits of the undisturbed one")
  @CsvSource({
    "sgd, oneCycle, 1",
    "adam, reduceOnPlateau, 2",
    "adamw, cosine, 3",
    "rmsprop, step, 2",
    "adagrad, cosineWarmRestarts, 1"
  })
  void sameBits(String optimizer, String schedule, int workers) throws Exception {
    TrainingPlan plan = plan(optimizer, schedule, true);
    InMemory whole = new InMemory(List.of());
    List<End> undisturbed = run(workers, plan, whole);
    assertTrue(whole.contents.size() >= 4, whole.contents.size() + " checkpoints");
    for (int kept = 1; kept <= whole.contents.size(); kept++) {
      List<End> resumed =
          run(workers, plan, new InMemory(new ArrayList<>(whole.contents.subList(0, kept))));
      for (int rank = 0; rank < workers; rank++) {
        assertEquals(undisturbed.get(rank).history(), resumed.get(rank).history());
        assertSame(undisturbed.get(rank), resumed.get(rank), "from checkpoint " + kept);
      }
    }
  }

  private static void assertSame(End expected, End actual, String what) {
    for (int i = 0; i < expected.state().size(); i++) {
      assertArrayEquals(expected.state().get(i), actual.state().get(i), what + ", tensor " + i);
    }
  }

  @Test
  @DisplayName("checkpoints change nothing in a run, and a complete one is not run again")
  void complete() throws Exception {
    TrainingPlan plan = plan("adam", "cosine", false);
    InMemory store = new InMemory(List.of());
    End with = run(2, plan, store).get(0);
    End without =
        LinksInMemory.run(
                2,
                c -> {
                  Workers.Trained t =
                      Workers.train(
                          plan, c, Workers.share(c, 0, Workers.ROWS), Workers.share(c, 23, 31));
                  return new End(
                      t.network().stateDict().values().stream().map(Tensor::toFloatArray).toList(),
                      List.of());
                })
            .results()
            .get(0);
    assertSame(without, with, "with checkpoints");
    int checkpoints = store.contents.size();
    End again = run(2, plan, store).get(0);
    assertEquals(with.history(), again.history());
    assertEquals(checkpoints, store.contents.size());
  }

  private static @Nullable String refusal(FitIdentity identity, RowsFingerprint rows, boolean retry)
      throws Exception {
    TrainingPlan plan = plan("sgd", "none", false);
    InMemory store = new InMemory(List.of());
    run(2, plan, store);
    try {
      LinksInMemory.run(
          2, c -> run(plan, c, Workers.share(c, 0, Workers.ROWS), store, identity, rows, retry));
      return null;
    } catch (InputException e) {
      return e.getMessage();
    }
  }

  @Test
  @DisplayName("a fit with other settings is refused, and the difference is named")
  void otherSettings() throws Exception {
    assertEquals(
        "checkpointDir: memory is of a fit with learningRate=0.1, this one 0.2; set it back to go on with that fit, or give this one a folder of its own.",
        refusal(new FitIdentity(Map.of("learningRate", "0.2")), ROWS, false));
  }

  @Test
  @DisplayName(
      "a fit on other rows is refused unless it is a retry; on the same in another order it goes on")
  void otherRows() throws Exception {
    RowsFingerprint others = new RowsFingerprint(40, 5, 5);
    String refusal = refusal(FIT, others, false);
    assertNotNull(refusal);
    assertTrue(refusal.contains("of a fit on other rows (46 of them, now 80)"), refusal);
    assertEquals(null, refusal(FIT, others, true));
    assertEquals(null, refusal(FIT, new RowsFingerprint(23, -7, 9), false));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a loss that is not finite ends the fit or costs its step, and names rank and step")
  void nonFinite(boolean skip) throws Exception {
    TrainingPlan base = Workers.plan(4);
    TrainingPlan plan =
        new TrainingPlan(
            base.network(),
            base.objective(),
            base.optimizer(),
            base.schedule(),
            base.validation(),
            base.passes(),
            base.device(),
            new FaultSettings(
                skip ? FaultSettings.NonFinite.SKIP : FaultSettings.NonFinite.FAIL, null, 20_000));
    LinksInMemory.Rank<Workers.Trained> rank =
        c -> {
          Rows rows = Workers.share(c, 0, Workers.ROWS);
          return Workers.train(
              plan, c, c.rank() == 1 ? new Poisoned(rows, 5) : rows, Workers.none());
        };
    if (skip) {
      Workers.Trained trained = LinksInMemory.run(2, rank).results().get(0);
      assertTrue(Double.isFinite(trained.summary().last().training().loss()));
      trained.parameters().forEach(p -> assertTrue(Float.isFinite(p[0])));
    } else {
      TrainingException e = assertThrows(TrainingException.class, () -> LinksInMemory.run(2, rank));
      assertTrue(
          e.getMessage().startsWith("the loss became NaN on rank 1 in step 2 of epoch 1"),
          e.getMessage());
    }
  }

  /** One row has a feature that is not a number. */
  private record Poisoned(Rows rows, int row) implements Rows {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public io.sparkgrad.spark.data.Batch batch(int[] order, int from, int to) {
      var batch = rows.batch(order, from, to);
      float[] x = batch.inputs().get(0).toFloatArray();
      for (int i = from; i < to; i++) {
        if (order[i] == row) {
          x[4 * (i - from)] = Float.NaN;
        }
      }
      return new io.sparkgrad.spark.data.Batch(
          List.of(Tensor.of(x, to - from, 4)), batch.labels(), batch.weights());
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }
  }
}
