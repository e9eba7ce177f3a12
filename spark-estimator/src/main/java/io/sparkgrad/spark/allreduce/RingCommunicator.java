// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;

/**
 * Ring all-reduce: the array is cut into one segment per rank; in {@code n − 1} rounds each rank
 * passes on a partial sum and adds what it gets (reduce-scatter), in another {@code n − 1} rounds
 * the finished segments go round (all-gather). Each rank sends {@code 2·(n − 1)/n} of the array,
 * whatever n is. A segment is summed along the ring from one fixed rank on and then only copied:
 * all ranks hold the same bits.
 *
 * <p>Short arrays, and any array between two ranks, are exchanged whole and summed in rank order:
 * that is one round, and for two ranks no more bytes.
 */
public final class RingCommunicator implements Communicator {
  /**
   * In floats. Below, rounds cost more than bytes: 64 KB are on the wire in less time than a round
   * trip takes.
   */
  private static final int SHORT = 16 * 1024;

  /** In bytes: a long array goes from rank to rank in pieces, so that all ranks are busy. */
  private static final int CHUNK = 1 << 20;

  private final Link link;
  private final int rank;
  private final int worldSize;
  private long bytesSent;

  RingCommunicator(Link link) {
    this.link = link;
    this.rank = link.rank();
    this.worldSize = link.worldSize();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int worldSize() {
    return worldSize;
  }

  @Override
  public void allReduceSum(float[] data, int offset, int length, FloatFormat format) {
    FloatFrames frames = FloatFrames.of(format);
    if (worldSize == 2 || length <= SHORT) {
      exchange(data, offset, length, frames);
    } else {
      ring(data, offset, length, frames);
    }
  }

  private void exchange(float[] data, int offset, int length, FloatFrames frames) {
    frames.round(data, offset, length);
    for (int i = 1; i < worldSize; i++) {
      send((rank + i) % worldSize, encode(data, offset, length, frames));
    }
    float[] sum = new float[length];
    for (int source = 0; source < worldSize; source++) {
      if (source == rank) {
        for (int i = 0; i < length; i++) {
          sum[i] += data[offset + i];
        }
      } else {
        frames.add(receive(source, frames.bytes(length)), sum, 0, length);
      }
    }
    System.arraycopy(sum, 0, data, offset, length);
  }

  private void ring(float[] data, int offset, int length, FloatFrames frames) {
    int next = (rank + 1) % worldSize;
    int previous = (rank + worldSize - 1) % worldSize;
    for (int round = 0; round < worldSize - 1; round++) {
      Segment out = segment(rank - round, offset, length);
      Segment in = segment(rank - round - 1, offset, length);
      send(next, encode(data, out.from, out.size, frames));
      frames.add(receive(previous, frames.bytes(in.size)), data, in.from, in.size);
    }
    Segment own = segment(rank + 1, offset, length);
    frames.round(data, own.from, own.size);
    for (int round = 0; round < worldSize - 1; round++) {
      Segment out = segment(rank + 1 - round, offset, length);
      Segment in = segment(rank - round, offset, length);
      send(next, encode(data, out.from, out.size, frames));
      frames.read(receive(previous, frames.bytes(in.size)), data, in.from, in.size);
    }
  }

  private record Segment(int from, int size) {}

  private Segment segment(int index, int offset, int length) {
    int i = Math.floorMod(index, worldSize);
    int from = (int) ((long) length * i / worldSize);
    int to = (int) ((long) length * (i + 1) / worldSize);
    return new Segment(offset + from, to - from);
  }

  @Override
  public void allReduceSum(double[] data) {
    double[] sum = new double[data.length];
    double[][] all = allGather(data);
    for (int source = 0; source < worldSize; source++) {
      requireLength(source, data.length * Double.BYTES, all[source].length * Double.BYTES);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += all[source][i];
      }
    }
    System.arraycopy(sum, 0, data, 0, sum.length);
  }

  @Override
  public byte[] broadcast(byte[] data) {
    int next = (rank + 1) % worldSize;
    byte[] result = data;
    if (rank > 0) {
      result = new byte[receive(rank - 1, Integer.BYTES).getInt()];
    }
    if (next > 0) {
      send(next, ByteBuffer.allocate(Integer.BYTES).putInt(result.length).flip());
    }
    for (int from = 0; from < result.length; from += CHUNK) {
      int size = Math.min(CHUNK, result.length - from);
      if (rank > 0) {
        receive(rank - 1, size).get(result, from, size);
      }
      if (next > 0) {
        // A copy: in one process, the other end would share the array.
        send(next, ByteBuffer.allocate(size).put(result, from, size).flip());
      }
    }
    return result;
  }

  @Override
  public double[][] allGather(double[] own) {
    for (int i = 1; i < worldSize; i++) {
      ByteBuffer message = ByteBuffer.allocate(own.length * Double.BYTES);
      message.asDoubleBuffer().put(own);
      send((rank + i) % worldSize, message);
    }
    double[][] all = new double[worldSize][];
    for (int source = 0; source < worldSize; source++) {
      if (source == rank) {
        all[source] = own.clone();
      } else {
        DoubleBuffer values = link.receive(source).asDoubleBuffer();
        all[source] = new double[values.remaining()];
        values.get(all[source]);
      }
    }
    return all;
  }

  @Override
  public void abort(String cause) {
    link.abort(cause);
  }

  private static ByteBuffer encode(float[] data, int from, int size, FloatFrames frames) {
    ByteBuffer message = ByteBuffer.allocate(frames.bytes(size));
    frames.write(data, from, size, message);
    return message;
  }

  private ByteBuffer receive(int source, int bytes) {
    ByteBuffer message = link.receive(source);
    requireLength(source, bytes, message.remaining());
    return message;
  }

  private void requireLength(int source, int expected, int actual) {
    if (expected != actual) {
      throw new CommunicationException(
          "rank %d expected %d bytes from rank %d and got %d: the workers are not in the same step"
              .formatted(rank, expected, source, actual));
    }
  }

  private void send(int target, ByteBuffer message) {
    bytesSent += message.remaining();
    link.send(target, message);
  }

  @Override
  public long bytesSent() {
    return bytesSent;
  }

  @Override
  public void close() {
    link.close();
  }
}
