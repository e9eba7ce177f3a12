// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.nn.AdaptiveAvgPool2d;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.BatchNorm2d;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.Unflatten;
import io.sparkgrad.spark.allreduce.LinksInMemory;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.train.NetworkSettings.FeatureCache;
import io.sparkgrad.spark.train.Workers.Trained;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Training on cached features, over ranks that are threads. */
class FrozenFeaturesTest {
  private static final List<String> FROZEN = List.of("backbone.c1", "backbone.bn1");

  /** Four numbers as an image of 2×2, two convolutions with norms, a head. */
  private static String convolutions() {
    Conv2dOptions same = Conv2dOptions.DEFAULT.withPadding(1);
    Module backbone =
        Sequential.builder()
            .add("c1", new Conv2d(1, 16, 3, same))
            .add("bn1", new BatchNorm2d(16))
            .add("relu1", new ReLU())
            .add("c2", new Conv2d(16, 8, 3, same))
            .add("bn2", new BatchNorm2d(8))
            .add("relu2", new ReLU())
            .build();
    return Architecture.toJson(
        Sequential.builder()
            .add("image", new Unflatten(1, 1, 2, 2))
            .add("backbone", backbone)
            .add("pool", new AdaptiveAvgPool2d(1))
            .add("flatten", new Flatten())
            .add("head", new Linear(8, 3))
            .build());
  }

  private static TrainingPlan plan(String network, List<String> frozen, FeatureCache cache) {
    return plan(network, frozen, cache, false);
  }

  private static TrainingPlan plan(
      String network, List<String> frozen, FeatureCache cache, boolean shuffle) {
    TrainingPlan plan = Workers.plan(network, frozen, 5);
    return new TrainingPlan(
        plan.network().withCacheFrozenFeatures(cache),
        plan.objective(),
        plan.optimizer(),
        plan.schedule(),
        plan.validation(),
        new TrainingPlan.Passes(5, Workers.EPOCHS, shuffle, 5),
        plan.device(),
        plan.faults());
  }

  private static Trained train(TrainingPlan plan) throws Exception {
    return LinksInMemory.run(
            2,
            c ->
                Workers.train(plan, c, Workers.share(c, 0, Workers.ROWS), Workers.share(c, 23, 40)))
        .results()
        .get(0);
  }

  @Test
  @DisplayName("gives the same bits as training without a cache in the same order, validation too")
  void sameBits() throws Exception {
    String network = convolutions();
    Trained off = train(plan(network, FROZEN, FeatureCache.OFF));
    Trained on = train(plan(network, FROZEN, FeatureCache.ON));
    for (int i = 0; i < off.parameters().size(); i++) {
      assertArrayEquals(off.parameters().get(i), on.parameters().get(i));
    }
    for (int i = 0; i < Workers.EPOCHS; i++) {
      assertEquals(
          off.summary().epochs().get(i).validation(), on.summary().epochs().get(i).validation());
    }
  }

  @Test
  @DisplayName("gives the same within rounding when shuffled")
  void shuffled() throws Exception {
    String network = convolutions();
    Trained off = train(plan(network, FROZEN, FeatureCache.OFF, true));
    Trained on = train(plan(network, FROZEN, FeatureCache.AUTO, true));
    for (int i = 0; i < off.parameters().size(); i++) {
      assertArrayEquals(off.parameters().get(i), on.parameters().get(i), 1e-5f);
    }
  }

  @Test
  @DisplayName("reads the rows themselves in the first epoch alone")
  void readOnce() throws Exception {
    String network = convolutions();
    for (FeatureCache cache : FeatureCache.values()) {
      int batches = 5; // of 23 rows
      int epochs = cache == FeatureCache.OFF ? Workers.EPOCHS : 1;
      assertEquals(batches * epochs, reads(plan(network, FROZEN, cache)), cache.name());
    }
  }

  private static int reads(TrainingPlan plan) throws Exception {
    AtomicInteger reads = new AtomicInteger();
    LinksInMemory.run(
        1,
        c ->
            Workers.train(
                plan, c, new Counted(Workers.share(c, 0, Workers.ROWS), reads), Workers.none()));
    return reads.get();
  }

  private record Counted(Rows rows, AtomicInteger reads) implements Rows {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Batch batch(int[] order, int from, int to) {
      reads.incrementAndGet();
      return rows.batch(order, from, to);
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }
  }

  @Test
  @DisplayName("asked for where it cannot be, it is refused with the reason")
  void refused() {
    InputException e =
        assertThrows(
            InputException.class,
            () -> train(plan(Workers.mlp(), List.of("fc2"), FeatureCache.ON)));
    assertEquals(
        "cacheFrozenFeatures: on, but the network does not begin with frozen layers that put out the same each time: fc1 is trained.",
        e.getMessage());
  }
}
