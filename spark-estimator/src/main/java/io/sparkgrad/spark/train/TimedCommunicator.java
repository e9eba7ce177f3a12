// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.FloatFormat;
import java.util.function.Supplier;

/**
 * Tells the clock of a thread how long that thread waits for communication. What another thread
 * sends meanwhile goes past it, through {@link #untimed()}.
 */
final class TimedCommunicator implements Communicator {
  private final Communicator communicator;
  private final PhaseClock clock;

  TimedCommunicator(Communicator communicator, PhaseClock clock) {
    this.communicator = communicator;
    this.clock = clock;
  }

  /** For calls that the clock's thread does not make itself. */
  Communicator untimed() {
    return communicator;
  }

  /** Runs what the clock's thread waits in. */
  void timed(Runnable work) {
    PhaseClock.Phase before = clock.enter(PhaseClock.Phase.COMMUNICATING);
    work.run();
    clock.enter(before);
  }

  private <T> T timed(Supplier<T> work) {
    PhaseClock.Phase before = clock.enter(PhaseClock.Phase.COMMUNICATING);
    T result = work.get();
    clock.enter(before);
    return result;
  }

  @Override
  public int rank() {
    return communicator.rank();
  }

  @Override
  public int worldSize() {
    return communicator.worldSize();
  }

  @Override
  public void allReduceSum(float[] data, int offset, int length, FloatFormat format) {
    timed(() -> communicator.allReduceSum(data, offset, length, format));
  }

  @Override
  public void allReduceSum(double[] data) {
    timed(() -> communicator.allReduceSum(data));
  }

  @Override
  public byte[] broadcast(byte[] data) {
    return timed(() -> communicator.broadcast(data));
  }

  @Override
  public double[][] allGather(double[] own) {
    return timed(() -> communicator.allGather(own));
  }

  @Override
  public void abort(String cause) {
    communicator.abort(cause);
  }

  @Override
  public long bytesSent() {
    return communicator.bytesSent();
  }

  @Override
  public void close() {
    communicator.close();
  }
}
