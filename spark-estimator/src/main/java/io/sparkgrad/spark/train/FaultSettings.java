// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What happens when something goes wrong, and what is done in time for it.
 *
 * @param onNonFinite what a loss that is infinite or not a number means
 * @param checkpoints where training is written down; null for nowhere
 * @param timeoutMillis how long a worker waits for another
 */
public record FaultSettings(
    NonFinite onNonFinite, @Nullable CheckpointRecord checkpoints, long timeoutMillis)
    implements Serializable {

  /** What to do with a step whose loss is infinite or not a number. */
  public enum NonFinite {
    /** End the fit. */
    FAIL,
    /** Leave the weights as they are and go on with the next step. */
    SKIP
  }
}
