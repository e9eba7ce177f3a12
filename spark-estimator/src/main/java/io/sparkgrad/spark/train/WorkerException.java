// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

/** A worker that failed by itself; the message names it. Spark tries the stage again. */
final class WorkerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WorkerException(String message, Throwable cause) {
    super(message, cause);
  }
}
