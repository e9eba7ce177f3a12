// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.Rejection;
import java.util.Arrays;

/**
 * What all ranks have to know of each other's rows.
 *
 * @param batches in an epoch: what the rank with the most rows needs
 * @param steps of the optimiser in an epoch
 * @param validates whether any rank has validation rows
 */
record GlobalSizes(int batches, int steps, boolean validates) {
  private static final double NONE = Double.POSITIVE_INFINITY;

  /**
   * Meets the other ranks; all learn here whether one of them cannot go on.
   *
   * @throws InputException on the rank that has the first row in the DataFrame which cannot be
   *     used; on all if there are no rows to train on, or none to decide by
   * @throws TrainingException on the others if one has a row that cannot be used
   */
  static GlobalSizes agree(Communicator communicator, Share share, TrainingPlan plan) {
    int rank = communicator.rank();
    int ranks = communicator.worldSize();
    // Each rank's rows and the place of its first bad row, then the validation rows of all.
    double[] sizes = new double[2 * ranks + 1];
    sizes[rank] = share.training().size();
    sizes[ranks + rank] = share.rejection().map(r -> (double) r.place()).orElse(NONE);
    sizes[2 * ranks] = share.validation().size();
    communicator.allReduceSum(sizes);
    int rejecting = first(Arrays.copyOfRange(sizes, ranks, 2 * ranks));
    if (rejecting == rank) {
      throw new InputException(share.rejection().map(Rejection::sentence).orElseThrow());
    }
    if (rejecting >= 0) {
      throw new TrainingException("rank " + rejecting + " has a row that cannot be used");
    }
    int most = (int) Arrays.stream(sizes, 0, ranks).max().orElse(0);
    if (most == 0) {
      throw new InputException("The DataFrame has no rows to train on.");
    }
    boolean validates = sizes[2 * ranks] > 0;
    if (!validates && plan.validation().patience() > 0) {
      throw new InputException(
          "patience: there are no validation rows to decide by; set validationFraction or validationIndicatorCol, or patience=0.");
    }
    int batches = roundedUp(most, plan.passes().batchSize());
    return new GlobalSizes(
        batches, roundedUp(batches, plan.optimizer().gradients().accumulation()), validates);
  }

  /** The rank with the smallest place; -1 if none has one. */
  private static int first(double[] places) {
    int first = -1;
    for (int rank = 0; rank < places.length; rank++) {
      if (places[rank] < (first < 0 ? NONE : places[first])) {
        first = rank;
      }
    }
    return first;
  }

  private static int roundedUp(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
