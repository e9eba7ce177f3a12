// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.ProcessGroup;
import io.sparkgrad.nn.BatchNorm;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.allreduce.Communicator;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ranks as batch norms with {@code syncBatchNorm} see them. Within a step they meet as often as
 * the network has such layers, in forward and in backward, and a rank that fails cannot know how
 * often the others still will. So they exchange frames of one length, however few numbers a layer
 * sums, and in front of them how many ranks have failed: a rank that fails puts that into the next
 * frame, whatever the others put into it, and all end the step there.
 */
final class StatisticsGroup implements ProcessGroup {
  private final Communicator communicator;

  /** Failures, then what is summed. */
  private final double[] frame;

  private boolean idle;
  private boolean ended;

  private StatisticsGroup(Communicator communicator, List<BatchNorm> layers) {
    this.communicator = communicator;
    int most = layers.stream().mapToInt(BatchNorm::numFeatures).max().orElse(0);
    this.frame = new double[1 + most + 1]; // forward sums the channels and counts the rows
    layers.forEach(layer -> layer.setProcessGroup(this));
  }

  /**
   * Joins the batch norms of a network to their likes on the other ranks.
   *
   * @return null if there are none, or no other ranks
   */
  static @Nullable StatisticsGroup join(Communicator communicator, Module network) {
    List<BatchNorm> layers =
        network.namedModules().values().stream()
            .filter(BatchNorm.class::isInstance)
            .map(BatchNorm.class::cast)
            .toList();
    return layers.isEmpty() || communicator.worldSize() == 1
        ? null
        : new StatisticsGroup(communicator, layers);
  }

  @Override
  public void allReduceSum(double[] values) {
    System.arraycopy(values, 0, frame, 1, values.length);
    Arrays.fill(frame, 1 + values.length, frame.length, 0);
    exchange(0);
    if (ended) {
      throw new TrainingException("another worker could not go on");
    }
    System.arraycopy(frame, 1, values, 0, values.length);
  }

  private void exchange(double failures) {
    frame[0] = failures;
    communicator.allReduceSum(frame);
    ended = frame[0] > 0;
  }

  /** Whether this rank has no rows where others have a batch. */
  void setIdle(boolean value) {
    idle = value;
  }

  @Override
  public boolean isIdle() {
    return idle;
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
