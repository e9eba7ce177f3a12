// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

/**
 * A worker that cannot be reached, was lost, or does not answer in time; the message names both
 * ranks.
 */
public final class CommunicationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommunicationException(String message) {
    super(message);
  }

  CommunicationException(String message, Throwable cause) {
    super(message, cause);
  }
}
