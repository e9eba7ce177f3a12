// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.loss.Reduction;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.RowStore;
import io.sparkgrad.spark.data.TrainingRow;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The loop over ranks that are threads. */
class TrainingLoopTest {
  private static final int ROWS = 23;
  private static final int EPOCHS = 3;

  private static TrainingPlan plan(List<String> frozen, int batchSize) {
    return plan(Architecture.toJson(Mlp.create(4, 6, 3)), frozen, batchSize);
  }

  private static TrainingPlan plan(String architecture, List<String> frozen, int batchSize) {
    return new TrainingPlan(
        new NetworkSettings(architecture, List.of(4L)).withFrozenLayers(frozen),
        Objective.of("crossEntropy"),
        OptimizerSettings.of("sgd", 0.1)
            .withWeightDecay(0.01)
            .withAverages(OptimizerSettings.Averages.DEFAULT.withMomentum(0.9)),
        ScheduleSettings.NONE,
        ValidationSettings.NONE,
        new TrainingPlan.Passes(batchSize, EPOCHS, false, 5),
        20_000);
  }

  private static byte[] row(int i) {
    Generator random = new Generator(i);
    float[] x = new float[4];
    for (int j = 0; j < x.length; j++) {
      x[j] = (float) random.nextGaussian();
    }
    return TrainingRow.encode(i % 5 * 0.5, i % 3, x);
  }

  /** Row i goes to rank i mod worldSize, as rows are dealt. */
  private static Iterator<byte[]> share(Communicator c) {
    return IntStream.range(0, ROWS)
        .filter(i -> i % c.worldSize() == c.rank())
        .mapToObj(TrainingLoopTest::row)
        .iterator();
  }

  private static Module trained(TrainingPlan plan, Communicator c, Iterator<byte[]> rows) {
    Module network =
        NetworkFactory.initialised(plan.network().architecture(), plan.passes().seed());
    NetworkFactory.freeze(network, plan.network().frozenLayers());
    new TrainingLoop(
            plan,
            network,
            new CrossEntropyLoss(Reduction.NONE),
            NetworkFactory.optimizer(plan.optimizer(), network),
            c,
            new RowStore(rows))
        .run(metrics -> {});
    return network;
  }

  private static List<float[]> train(TrainingPlan plan, Communicator c, Iterator<byte[]> rows) {
    return trained(plan, c, rows).parameters().stream().map(Tensor::toFloatArray).toList();
  }

  private static LinksInMemory.Outcome<List<float[]>> train(
      int worldSize, int batchSize, List<String> frozen) throws Exception {
    return LinksInMemory.run(worldSize, c -> train(plan(frozen, batchSize), c, share(c)));
  }

  private static void assertClose(List<float[]> expected, List<float[]> actual, float delta) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), delta, "parameter " + i);
    }
  }

  @Test
  void anyNumberOfWorkersEqualsOneOnTheSameGlobalBatches() throws Exception {
    List<float[]> one = train(1, 12, List.of()).results().get(0);
    for (int workers : new int[] {2, 3, 4}) {
      List<List<float[]>> ranks = train(workers, 12 / workers, List.of()).results();
      assertClose(one, ranks.get(0), 1e-5f);
      ranks.forEach(rank -> assertClose(ranks.get(0), rank, 0));
    }
  }

  @Test
  void frozenParametersCostNoByte() throws Exception {
    int steps = EPOCHS * 2; // 12 of 23 rows go to rank 0, 6 of them to a batch
    long all = train(2, 6, List.of()).bytes();
    long head = train(2, 6, List.of("fc1")).bytes();
    long fc1 = 4 * 6 + 6; // weight and bias
    long flags = 2; // whether any rank has a gradient: one float each
    assertEquals(2L * steps * (fc1 + flags) * Float.BYTES, all - head);
  }

  @Test
  void frozenParametersMeetNoWeightDecayEither() throws Exception {
    List<float[]> trained = train(2, 6, List.of("fc1")).results().get(0);
    Module start = NetworkFactory.initialised(plan(List.of(), 6).network().architecture(), 5);
    assertArrayEquals(start.parameters().get(0).toFloatArray(), trained.get(0));
  }

  @Test
  void theStatisticsOfAFrozenBatchNormStandStill() throws Exception {
    Module network =
        Sequential.builder()
            .add("fc1", new Linear(4, 6))
            .add("bn", new BatchNorm1d(6))
            .add("fc2", new Linear(6, 3))
            .build();
    String architecture = Architecture.toJson(network);
    for (List<String> frozen : List.of(List.of("bn"), List.<String>of())) {
      Map<String, Tensor> state =
          LinksInMemory.run(
                  2,
                  c -> {
                    TrainingPlan plan = plan(architecture, frozen, 6);
                    return trained(plan, c, share(c)).stateDict();
                  })
              .results()
              .get(0);
      boolean moved = state.get("bn.running_mean").square().sum().item() > 0;
      assertEquals(frozen.isEmpty(), moved, "frozen " + frozen);
    }
  }

  @Test
  void aWorkerWithoutRowsTakesPart() throws Exception {
    List<float[]> one = train(1, 12, List.of()).results().get(0);
    List<List<float[]>> two =
        LinksInMemory.run(
                2,
                c ->
                    train(
                        plan(List.of(), 12),
                        c,
                        c.rank() == 0
                            ? IntStream.range(0, ROWS).mapToObj(TrainingLoopTest::row).iterator()
                            : List.<byte[]>of().iterator()))
            .results();
    assertClose(one, two.get(0), 1e-6f);
    assertClose(two.get(0), two.get(1), 0);
  }

  @Test
  void noRowsAtAllIsAnError() {
    InputException e =
        assertThrows(
            InputException.class,
            () ->
                LinksInMemory.run(
                    2, c -> train(plan(List.of(), 4), c, List.<byte[]>of().iterator())));
    assertEquals("The DataFrame has no rows to train on.", e.getMessage());
  }
}
