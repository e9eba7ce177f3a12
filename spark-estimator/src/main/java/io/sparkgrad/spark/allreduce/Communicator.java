// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

/**
 * One rank's end of a group of workers. All ranks make the same calls in the same order; used by
 * one thread.
 */
public interface Communicator extends AutoCloseable {
  /** From 0 to {@code worldSize() - 1}. */
  int rank();

  int worldSize();

  /**
   * Replaces {@code data[offset…offset+length-1]} by the sums over all ranks; every rank ends with
   * the same bits.
   *
   * @throws CommunicationException if another rank is lost or does not answer in time
   */
  void allReduceSum(float[] data, int offset, int length);

  /** As {@link #allReduceSum(float[], int, int)} for a few numbers in double precision. */
  void allReduceSum(double[] data);

  /** How many bytes of data this rank has sent to others so far. */
  long bytesSent();

  /** Ends the connections; what was sent before still arrives. */
  @Override
  void close();
}
