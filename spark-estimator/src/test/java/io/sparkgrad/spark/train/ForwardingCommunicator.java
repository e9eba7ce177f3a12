// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.allreduce.Communicator;
import io.sparkgrad.spark.allreduce.FloatFormat;

/** Hands everything on, for tests that look at some of it. */
class ForwardingCommunicator implements Communicator {
  private final Communicator target;

  ForwardingCommunicator(Communicator target) {
    this.target = target;
  }

  @Override
  public int rank() {
    return target.rank();
  }

  @Override
  public int worldSize() {
    return target.worldSize();
  }

  @Override
  public void allReduceSum(float[] data, int offset, int length, FloatFormat format) {
    target.allReduceSum(data, offset, length, format);
  }

  @Override
  public void allReduceSum(double[] data) {
    target.allReduceSum(data);
  }

  @Override
  public byte[] broadcast(byte[] data) {
    return target.broadcast(data);
  }

  @Override
  public double[][] allGather(double[] own) {
    return target.allGather(own);
  }

  @Override
  public void abort(String cause) {
    target.abort(cause);
  }

  @Override
  public long bytesSent() {
    return target.bytesSent();
  }

  @Override
  public void close() {
    target.close();
  }
}
