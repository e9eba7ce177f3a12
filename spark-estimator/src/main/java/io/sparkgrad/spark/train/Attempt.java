// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.InputException;
import org.jspecify.annotations.Nullable;

/**
 * Work of one rank that may fail, between two points where all ranks meet: the others have to learn
 * of it there, or they would wait for a rank that is gone.
 */
final class Attempt {
  private @Nullable RuntimeException failure;

  /** Runs this, unless something has failed before. */
  void run(Runnable work) {
    if (failure == null) {
      try {
        work.run();
      } catch (RuntimeException e) {
        failure = e;
      }
    }
  }

  /** What each rank puts in; the sum over the ranks says whether all came through. */
  double failures() {
    return failure == null ? 0 : 1;
  }

  /**
   * Goes on only if no rank has failed.
   *
   * @param failures the sum over all ranks
   * @throws InputException on a rank whose rows do not go with the network or the loss
   * @throws TrainingException on the ranks where nothing failed
   */
  void proceed(double failures) {
    if (failure instanceof InputException) {
      throw failure;
    }
    if (failure != null && isOfInput(failure)) {
      throw new InputException(String.valueOf(failure.getMessage()), failure);
    }
    if (failure != null) {
      throw failure;
    }
    if (failures > 0) {
      throw new TrainingException("another worker could not go on");
    }
  }

  /**
   * Whether an operation has refused its arguments: what the JVM itself throws for an array, and
   * what a backend throws, is no matter of the rows.
   */
  private static boolean isOfInput(RuntimeException failure) {
    return failure instanceof IllegalArgumentException
        || failure.getClass() == IndexOutOfBoundsException.class;
  }
}
