// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.Batch;
import io.sparkgrad.spark.data.MemoryGrant;
import io.sparkgrad.spark.data.RecordStore;
import io.sparkgrad.spark.data.Rows;
import io.sparkgrad.spark.data.RowsFingerprint;
import io.sparkgrad.spark.device.DeviceSettings;
import io.sparkgrad.spark.summary.TrainingSummary;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What ranks that are threads train, and on what. */
final class Workers {
  static final int ROWS = 23;
  static final int EPOCHS = 3;

  private Workers() {}

  /** A network from 4 numbers to 3 classes. */
  static String mlp() {
    return Architecture.toJson(Mlp.create(4, 6, 3));
  }

  /** Three epochs of SGD with momentum, in the order of the rows. */
  static TrainingPlan plan(String architecture, List<String> frozen, int batchSize) {
    return new TrainingPlan(
        new NetworkSettings(architecture).withFrozenLayers(frozen),
        Objective.of("crossEntropy"),
        OptimizerSettings.of("sgd", 0.1)
            .withWeightDecay(0.01)
            .withAverages(OptimizerSettings.Averages.DEFAULT.withMomentum(0.9)),
        ScheduleSettings.NONE,
        ValidationSettings.NONE,
        new TrainingPlan.Passes(batchSize, EPOCHS, false, 5),
        DeviceSettings.AUTO,
        new FaultSettings(FaultSettings.NonFinite.FAIL, null, 20_000));
  }

  static TrainingPlan plan(int batchSize) {
    return plan(mlp(), List.of(), batchSize);
  }

  static TrainingPlan with(TrainingPlan plan, OptimizerSettings optimizer) {
    return new TrainingPlan(
        plan.network(),
        plan.objective(),
        optimizer,
        plan.schedule(),
        plan.validation(),
        plan.passes(),
        plan.device(),
        plan.faults());
  }

  static TrainingPlan with(TrainingPlan plan, DeviceSettings device) {
    return new TrainingPlan(
        plan.network(),
        plan.objective(),
        plan.optimizer(),
        plan.schedule(),
        plan.validation(),
        plan.passes(),
        device,
        plan.faults());
  }

  static TrainingPlan with(TrainingPlan plan, Objective objective) {
    return new TrainingPlan(
        plan.network(),
        objective,
        plan.optimizer(),
        plan.schedule(),
        plan.validation(),
        plan.passes(),
        plan.device(),
        plan.faults());
  }

  static TrainingPlan with(TrainingPlan plan, ValidationSettings validation, int epochs) {
    return new TrainingPlan(
        plan.network(),
        plan.objective(),
        plan.optimizer(),
        plan.schedule(),
        validation,
        new TrainingPlan.Passes(
            plan.passes().batchSize(), epochs, plan.passes().shuffle(), plan.passes().seed()),
        plan.device(),
        plan.faults());
  }

  /**
   * Rows that their numbers say all of.
   *
   * @param numbers of the rows that a worker has
   */
  record Numbered(List<Integer> numbers) implements Rows {
    @Override
    public int size() {
      return numbers.size();
    }

    @Override
    public Batch batch(int[] order, int from, int to) {
      return read(order, from, to).get();
    }

    @Override
    public Supplier<Batch> read(int[] order, int from, int to) {
      int n = to - from;
      float[] x = new float[4 * n];
      double[] labels = new double[n];
      double[] weights = new double[n];
      for (int i = 0; i < n; i++) {
        int number = numbers.get(order[from + i]);
        Generator random = new Generator(number);
        for (int j = 0; j < 4; j++) {
          x[4 * i + j] = (float) random.nextGaussian();
        }
        labels[i] = number % 3;
        weights[i] = number % 5 * 0.5;
      }
      return () -> new Batch(List.of(Tensor.of(x, n, 4)), labels, weights);
    }

    @Override
    public List<Tensor> zeros() {
      return List.of(Tensor.zeros(1, 4));
    }
  }

  /** Rows of which the first in each batch has a label that no class has. */
  record Mislabelled(Rows rows) implements Rows {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Batch batch(int[] order, int from, int to) {
      Batch batch = rows.batch(order, from, to);
      batch.labels()[0] = 7;
      return batch;
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }
  }

  /** Rows of which some are not numbers: those of the batch that begins with this one. */
  record Spoilt(Rows rows, int row) implements Rows {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Batch batch(int[] order, int from, int to) {
      Batch batch = rows.batch(order, from, to);
      return from == row
          ? new Batch(
              List.of(Tensor.full(Double.NaN, to - from, 4)), batch.labels(), batch.weights())
          : batch;
    }

    @Override
    public List<Tensor> zeros() {
      return rows.zeros();
    }
  }

  /** The numbers of {@code from…to-1} that fall to a rank, dealt like cards. */
  static Numbered share(Communicator c, int from, int to) {
    return new Numbered(
        IntStream.range(from, to).filter(i -> i % c.worldSize() == c.rank()).boxed().toList());
  }

  static Rows none() {
    return new Numbered(Collections.emptyList());
  }

  static RecordStore inMemory(int recordBytes) {
    MemoryGrant any =
        new MemoryGrant() {
          @Override
          public boolean acquire(long bytes) {
            return true;
          }

          @Override
          public void release(long bytes) {}
        };
    return new RecordStore(
        recordBytes,
        any,
        () -> {
          throw new AssertionError("memory suffices");
        });
  }

  /** What came of a loop. */
  record Trained(Module network, TrainingSummary summary) {
    List<float[]> parameters() {
      return network.parameters().stream().map(Tensor::toFloatArray).toList();
    }
  }

  static Trained train(TrainingPlan plan, Communicator c, Rows training, Rows validation) {
    return train(plan, c, share(training, validation));
  }

  private static Share share(Rows training, Rows validation) {
    return new Share(
        training, validation, Optional.empty(), RowsFingerprint.NONE, Workers::inMemory);
  }

  static Trained train(TrainingPlan plan, Communicator c, Share share) {
    return train(plan, c, share, null);
  }

  static Trained train(
      TrainingPlan plan, Communicator c, Share share, Checkpoints.@Nullable Options checkpoints) {
    Module network = NetworkFactory.initialised(plan.network().architecture(), 5);
    NetworkFactory.freeze(network, plan.network().frozenLayers());
    TrainingSummary summary =
        new TrainingLoop(plan, network, c, share, checkpoints).run(epoch -> {});
    return new Trained(network, summary);
  }

  /** On all rows, without validation. */
  static Trained train(TrainingPlan plan, Communicator c) {
    return train(plan, c, share(c, 0, ROWS), none());
  }
}
