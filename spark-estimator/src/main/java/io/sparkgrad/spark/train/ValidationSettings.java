// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;

/**
 * What the loss on the validation rows, measured after each epoch, decides. Without such rows the
 * weights of the last epoch are the result, and patience is an error.
 *
 * @param patience epochs without a better loss after which training ends; 0 for never
 * @param minDelta by how much a loss has to be lower to count as better
 * @param restoreBest whether the weights of the epoch with the lowest loss are the result, and not
 *     those of the last
 */
public record ValidationSettings(int patience, double minDelta, boolean restoreBest)
    implements Serializable {
  /** Nothing. */
  public static final ValidationSettings NONE = new ValidationSettings(0, 0, false);
}
