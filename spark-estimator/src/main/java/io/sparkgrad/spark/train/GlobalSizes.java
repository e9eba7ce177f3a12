// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.data.InputException;
import java.util.Arrays;

/**
 * What all ranks have to know of each other's rows.
 *
 * @param batches in an epoch: what the rank with the most rows needs
 * @param steps of the optimiser in an epoch
 * @param validates whether any rank has validation rows
 */
record GlobalSizes(int batches, int steps, boolean validates) {
  /**
   * Meets the other ranks; all learn here whether one of them cannot go on.
   *
   * @throws InputException on a rank that has a row which cannot be used; on all if there are no
   *     rows to train on, or none to decide by
   * @throws TrainingException on the others if one has a row that cannot be used
   */
  static GlobalSizes agree(Communicator communicator, Share share, TrainingPlan plan) {
    Attempt attempt = new Attempt();
    attempt.run(
        () ->
            share
                .rejection()
                .ifPresent(
                    sentence -> {
                      throw new InputException(sentence);
                    }));
    int ranks = communicator.worldSize();
    double[] sizes = new double[ranks + 2];
    sizes[communicator.rank()] = share.training().size();
    sizes[ranks] = share.validation().size();
    sizes[ranks + 1] = attempt.failures();
    communicator.allReduceSum(sizes);
    attempt.proceed(sizes[ranks + 1]);
    int most = (int) Arrays.stream(sizes, 0, ranks).max().orElse(0);
    if (most == 0) {
      throw new InputException("The DataFrame has no rows to train on.");
    }
    boolean validates = sizes[ranks] > 0;
    if (!validates && plan.validation().patience() > 0) {
      throw new InputException(
          "patience: there are no validation rows to decide by; set validationFraction or validationIndicatorCol, or patience=0.");
    }
    int batches = roundedUp(most, plan.passes().batchSize());
    return new GlobalSizes(
        batches, roundedUp(batches, plan.optimizer().gradients().accumulation()), validates);
  }

  private static int roundedUp(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
