// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.ProcessGroup;
import io.sparkgrad.nn.BatchNorm;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.allreduce.Communicator;
import java.util.Arrays;
import java.util.List;

/**
 * The ranks as batch norms with {@code syncBatchNorm} see them. Within a step they meet as often as
 * the network has such layers, in forward and in backward, and a rank that fails cannot know how
 * often the others still will. So they exchange frames of one length, however few numbers a layer
 * sums, and in front of them how many ranks have failed: a rank that fails puts that into the next
 * frame, whatever the others put into it, and all end the step there.
 *
 * <p>Buckets of gradients go between these frames. Which of them are full when a layer meets the
 * others differs from rank to rank, so a frame also counts the ranks that have each: those that all
 * have are sent behind it, the same on every rank.
 */
final class StatisticsGroup implements ProcessGroup {
  private final Communicator communicator;
  private final GradientSynchronizer gradients;

  /** Failures, then how many ranks have each bucket, then what is summed. */
  private final double[] frame;

  private boolean idle;
  private boolean ended;

  /**
   * Joins batch norms to their likes on the other ranks.
   *
   * @param gradients that are held back until this releases them
   * @param layers of the network that meet, the same on all ranks
   */
  StatisticsGroup(
      Communicator communicator, GradientSynchronizer gradients, List<BatchNorm> layers) {
    this.communicator = communicator;
    this.gradients = gradients;
    int most = layers.stream().mapToInt(BatchNorm::numFeatures).max().orElse(0);
    // Forward sums the channels and counts the rows.
    this.frame = new double[1 + gradients.size() + most + 1];
    layers.forEach(layer -> layer.setProcessGroup(this));
  }

  /** The batch norms of a network whose layers are in the modes that they are trained in. */
  static List<BatchNorm> layers(Module network) {
    return network.namedModules().values().stream()
        .filter(layer -> layer instanceof BatchNorm && layer.isTraining())
        .map(BatchNorm.class::cast)
        .toList();
  }

  @Override
  public void allReduceSum(double[] values) {
    int from = 1 + gradients.size();
    Arrays.fill(frame, from, frame.length, 0);
    if (!idle) {
      System.arraycopy(values, 0, frame, from, values.length);
    }
    exchange(0);
    if (ended) {
      throw new TrainingException("another worker could not go on");
    }
    System.arraycopy(frame, from, values, 0, values.length);
  }

  private void exchange(double failures) {
    int full = gradients.full();
    frame[0] = failures;
    Arrays.fill(frame, 1, 1 + full, 1);
    Arrays.fill(frame, 1 + full, 1 + gradients.size(), 0);
    gradients.await();
    communicator.allReduceSum(frame);
    ended = frame[0] > 0;
    if (!ended) {
      gradients.release(fullOnAllRanks());
    }
  }

  private int fullOnAllRanks() {
    int full = 0;
    while (full < gradients.size() && frame[1 + full] == communicator.worldSize()) {
      full++;
    }
    return full;
  }

  /** Whether this rank has no rows where others have a batch: then what it sums is zero. */
  void setIdle(boolean value) {
    idle = value;
  }

  /**
   * Ends a step's backward passes: whatever happened on which rank, all are at the same point now.
   *
   * @param failures 1 if this rank could not compute its part, else 0
   */
  void meet(double failures) {
    if (!ended) {
      exchange(failures);
    }
    ended = false;
  }
}
