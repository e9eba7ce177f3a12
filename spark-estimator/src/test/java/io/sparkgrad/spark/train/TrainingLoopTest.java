// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Sigmoid;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rejection;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.data.RowsFingerprint;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The loop over ranks that are threads. */
class TrainingLoopTest {
  private static LinksInMemory.Outcome<List<float[]>> train(
      int worldSize, int batchSize, List<String> frozen) throws Exception {
    return train(worldSize, Workers.plan(Workers.mlp(), frozen, batchSize));
  }

  private static LinksInMemory.Outcome<List<float[]>> train(int worldSize, TrainingPlan plan)
      throws Exception {
    return LinksInMemory.run(worldSize, c -> Workers.train(plan, c).parameters());
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
    int steps = Workers.EPOCHS * 2; // 12 of 23 rows go to rank 0, 6 of them to a batch
    long all = train(2, 6, List.of()).bytes();
    long head = train(2, 6, List.of("fc1")).bytes();
    long fc1 = 4 * 6 + 6; // weight and bias
    long flags = 2; // whether any rank has a gradient: one float each
    assertEquals(2L * steps * (fc1 + flags) * Float.BYTES, all - head);
  }

  @Test
  void frozenParametersMeetNoWeightDecayEither() throws Exception {
    List<float[]> trained = train(2, 6, List.of("fc1")).results().get(0);
    Module start = NetworkFactory.initialised(Workers.mlp(), 5);
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
                    TrainingPlan plan = Workers.plan(architecture, frozen, 6);
                    return Workers.train(plan, c).network().stateDict();
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
                c -> {
                  int mine = c.rank() == 0 ? Workers.ROWS : 0;
                  Rows rows = new Workers.Numbered(IntStream.range(0, mine).boxed().toList());
                  return Workers.train(Workers.plan(12), c, rows, Workers.none()).parameters();
                })
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
                    2, c -> Workers.train(Workers.plan(4), c, Workers.none(), Workers.none())));
    assertEquals("The DataFrame has no rows to train on.", e.getMessage());
  }

  @Test
  @DisplayName(
      "of the rows that cannot be used on several ranks, the first in the DataFrame is told")
  void theFirstBadRowIsTold() throws Exception {
    Rejection[] rejections = {new Rejection(7, "row 7"), new Rejection(3, "row 3")};
    List<String> told =
        LinksInMemory.run(
                3,
                c -> {
                  Optional<Rejection> rejection =
                      c.rank() == 2 ? Optional.empty() : Optional.of(rejections[c.rank()]);
                  Share share =
                      new Share(
                          Workers.share(c, 0, 9),
                          Workers.none(),
                          rejection,
                          RowsFingerprint.NONE,
                          Workers::inMemory);
                  return assertThrows(
                          RuntimeException.class, () -> Workers.train(Workers.plan(4), c, share))
                      .toString();
                })
            .results();
    String other =
        "io.sparkgrad.spark.train.TrainingException: rank 1 has a row that cannot be used";
    assertEquals(List.of(other, "io.sparkgrad.spark.data.InputException: row 3", other), told);
  }

  @Test
  @DisplayName("with class weights, too, any number of workers equals one")
  void classWeights() throws Exception {
    Objective objective = Objective.of("crossEntropy").withClassWeights(List.of(0.2, 3.0, 1.0));
    List<float[]> one = train(1, Workers.with(Workers.plan(12), objective)).results().get(0);
    List<float[]> three = train(3, Workers.with(Workers.plan(4), objective)).results().get(0);
    assertClose(one, three, 1e-5f);
    List<float[]> without = train(1, Workers.plan(12)).results().get(0);
    assertFalse(Arrays.equals(without.get(0), one.get(0)));
  }

  @Test
  @DisplayName(
      "a step of k accumulated batches equals one of a batch k times as large, for one message")
  void accumulation() throws Exception {
    OptimizerSettings optimizer =
        Workers.plan(4).optimizer().withGradients(new OptimizerSettings.Gradients(0, 0, 3));
    var large = train(2, Workers.plan(6));
    var accumulated = train(2, Workers.with(Workers.plan(2), optimizer));
    assertClose(large.results().get(0), accumulated.results().get(0), 1e-5f);
    assertEquals(large.bytes(), accumulated.bytes());
  }

  @Test
  @DisplayName("gradients that travel as bfloat16 train almost the same network, for fewer bytes")
  void compression() throws Exception {
    OptimizerSettings optimizer =
        Workers.plan(6)
            .optimizer()
            .withGradients(
                OptimizerSettings.Gradients.DEFAULT.withCompression(
                    OptimizerSettings.Compression.BF16));
    var exact = train(2, Workers.plan(6));
    var rounded = train(2, Workers.with(Workers.plan(6), optimizer));
    assertClose(exact.results().get(0), rounded.results().get(0), 1e-2f);
    assertFalse(Arrays.equals(exact.results().get(0).get(0), rounded.results().get(0).get(0)));
    assertTrue(rounded.bytes() < exact.bytes());
  }

  @Test
  @DisplayName("clipping bounds the global gradient, whatever the number of workers")
  void clipping() throws Exception {
    for (var gradients :
        List.of(
            new OptimizerSettings.Gradients(0.05, 0, 1),
            new OptimizerSettings.Gradients(0, 0.01, 1))) {
      OptimizerSettings sgd = OptimizerSettings.of("sgd", 1).withGradients(gradients);
      TrainingPlan one = Workers.with(Workers.plan(23), sgd);
      TrainingPlan oneEpoch = Workers.with(one, ValidationSettings.NONE, 1);
      List<float[]> start =
          NetworkFactory.initialised(Workers.mlp(), 5).parameters().stream()
              .map(Tensor::toFloatArray)
              .toList();
      List<float[]> end = train(1, oneEpoch).results().get(0);
      double squares = 0;
      double largest = 0;
      for (int p = 0; p < start.size(); p++) {
        for (int i = 0; i < start.get(p).length; i++) {
          double step = start.get(p)[i] - end.get(p)[i];
          squares += step * step;
          largest = Math.max(largest, Math.abs(step));
        }
      }
      assertEquals(
          gradients.clipNorm() > 0 ? 0.05 : 0.01,
          gradients.clipNorm() > 0 ? Math.sqrt(squares) : largest,
          1e-5);
      TrainingPlan two =
          Workers.with(Workers.with(Workers.plan(12), sgd), ValidationSettings.NONE, 1);
      assertClose(end, train(2, two).results().get(0), 1e-6f);
    }
  }

  @Test
  @DisplayName("a batch that one rank cannot take ends training on all, with a sentence each")
  void failureOfOneRank() throws Exception {
    List<String> sentences =
        LinksInMemory.run(
                2,
                c -> {
                  Rows all = Workers.share(c, 0, Workers.ROWS);
                  Rows rows = c.rank() == 1 ? new Workers.Mislabelled(all) : all;
                  return assertThrows(
                          RuntimeException.class,
                          () -> Workers.train(Workers.plan(4), c, rows, Workers.none()))
                      .getMessage();
                })
            .results();
    assertEquals(
        List.of(
            "another worker could not go on",
            "cross_entropy: target 7 at position 0 is out of bounds for 3 classes"),
        sentences);
  }

  @Test
  @DisplayName(
      "a loss that is not finite ends training on all ranks and says the rate of that step")
  void notFinite() throws Exception {
    TrainingPlan plan = Workers.with(Workers.plan(6), OptimizerSettings.of("sgd", 1e30));
    List<String> sentences =
        LinksInMemory.run(
                2,
                c ->
                    assertThrows(TrainingException.class, () -> Workers.train(plan, c))
                        .getMessage())
            .results();
    assertTrue(
        sentences
            .get(0)
            .matches(
                "the loss became (NaN|Infinity) on rank 0 in step 2 of epoch 1; lower learningRate \\(1.0E30 now\\), look for extreme feature values, or set onNonFinite=skip."),
        sentences.get(0));
    assertEquals(sentences.get(0), sentences.get(1));
  }

  @Test
  @DisplayName("outputs that are no probabilities are suspected where a GPU does not name them")
  void notFiniteOfProbabilities() throws Exception {
    Sequential network =
        Sequential.builder().add("fc", new Linear(4, 1)).add("sigmoid", new Sigmoid()).build();
    TrainingPlan plan =
        Workers.with(
            Workers.plan(Architecture.toJson(network), List.of(), 23), Objective.of("bce"));
    String sentence =
        LinksInMemory.run(
                1,
                c -> {
                  Rows rows = new Workers.Spoilt(Workers.share(c, 0, Workers.ROWS), 0);
                  return assertThrows(
                          TrainingException.class,
                          () -> Workers.train(plan, c, rows, Workers.none()))
                      .getMessage();
                })
            .results()
            .get(0);
    assertEquals(
        "the loss became NaN on rank 0 in step 1 of epoch 1; lower learningRate (0.1 now), look for extreme feature values and for outputs outside 0 to 1 (logits go to bceWithLogits), or set onNonFinite=skip.",
        sentence);
  }

  @Test
  @DisplayName("of a loss that is not finite, the rank and the step are told on all ranks")
  void rankAndStepOfTheLoss() throws Exception {
    List<String> sentences =
        LinksInMemory.run(
                3,
                c -> {
                  Rows own = Workers.share(c, 0, Workers.ROWS);
                  Rows rows = c.rank() == 1 ? new Workers.Spoilt(own, 6) : own; // third of batches
                  return assertThrows(
                          TrainingException.class,
                          () -> Workers.train(Workers.plan(3), c, rows, Workers.none()))
                      .getMessage();
                })
            .results();
    for (String sentence : sentences) {
      assertTrue(
          sentence.startsWith("the loss became NaN on rank 1 in step 3 of epoch 1; "), sentence);
    }
  }

  @Test
  @DisplayName("building a network leaves the thread's own random numbers as they were")
  void generator() {
    String mlp = Workers.mlp();
    long before = Generator.current().state();
    Module network = NetworkFactory.initialised(mlp, 5);
    NetworkFactory.restored(mlp, NetworkFactory.weights(network, Map.of()));
    assertEquals(before, Generator.current().state());
  }
}
