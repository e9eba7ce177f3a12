// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.allreduce.Communicator;
import java.util.function.Function;

/** Tells a clock of the time that goes into communication. */
final class TimedCommunicator implements Communicator {
  private final Communicator communicator;
  private final PhaseClock clock;

  TimedCommunicator(Communicator communicator, PhaseClock clock) {
    this.communicator = communicator;
    this.clock = clock;
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
  public void allReduceSum(float[] data, int offset, int length) {
    timed(
        c -> {
          c.allReduceSum(data, offset, length);
          return data;
        });
  }

  @Override
  public void allReduceSum(double[] data) {
    timed(
        c -> {
          c.allReduceSum(data);
          return data;
        });
  }

  @Override
  public byte[] broadcast(byte[] data) {
    return timed(c -> c.broadcast(data));
  }

  @Override
  public double[][] allGather(double[] own) {
    return timed(c -> c.allGather(own));
  }

  private <T> T timed(Function<Communicator, T> work) {
    PhaseClock.Phase before = clock.enter(PhaseClock.Phase.COMMUNICATING);
    T result = work.apply(communicator);
    clock.enter(before);
    return result;
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
