// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

/** A fit that cannot go on; the message says in one sentence where and why. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TrainingException(String message) {
    super(message);
  }

  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
