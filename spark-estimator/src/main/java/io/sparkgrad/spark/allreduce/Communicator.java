// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

/**
 * One rank's end of a group of workers. All ranks make the same calls in the same order; used by
 * one thread at a time.
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
  default void allReduceSum(float[] data, int offset, int length) {
    allReduceSum(data, offset, length, FloatFormat.FLOAT32);
  }

  /**
   * As {@link #allReduceSum(float[], int, int)}, with numbers that are rounded each time they leave
   * a rank. They are summed as float32; the sums that all ranks end with are rounded too, or sums
   * of rounded numbers.
   */
  void allReduceSum(float[] data, int offset, int length, FloatFormat format);

  /** As {@link #allReduceSum(float[], int, int)} for a few numbers in double precision. */
  void allReduceSum(double[] data);

  /**
   * Rank 0's bytes on every rank, up to 2 GB in frames of bounded size.
   *
   * @param data what rank 0 hands out; the other ranks' is not looked at
   * @throws CommunicationException as above
   */
  byte[] broadcast(byte[] data);

  /**
   * What each rank has, by rank; the ranks may have different numbers of values.
   *
   * @throws CommunicationException as above
   */
  double[][] allGather(double[] own);

  /**
   * Tells the other ranks why this one goes no further. Whatever they wait for then ends with this
   * cause rather than with a lost connection. For a rank that fails, before it closes; a cause that
   * came from another rank need not be passed on. Does not throw.
   *
   * @param cause one sentence; what goes beyond 4,096 bytes is cut off
   */
  void abort(String cause);

  /** How many bytes of data this rank has sent to others so far. */
  long bytesSent();

  /** Ends the connections; what was sent before still arrives. */
  @Override
  void close();
}
