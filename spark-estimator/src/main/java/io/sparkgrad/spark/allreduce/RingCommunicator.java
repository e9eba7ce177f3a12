// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sums by {@link RingSum}. Short arrays are exchanged whole, in one frame to each other rank, and
 * summed in rank order, where each rank is connected with each other. Where they are too many for
 * that, all goes round.
 */
public final class RingCommunicator implements Communicator {
  /** In bytes. Below, rounds cost more than bytes. */
  private static final int SHORT = 64 << 10;

  /** In bytes. */
  private static final int FRAME = Link.MAX_FRAME;

  private final Link link;
  private final int rank;
  private final int worldSize;
  private final int next;
  private final int previous;
  private final Map<FloatFormat, FloatFrames> formats = new EnumMap<>(FloatFormat.class);
  private float[] own = {};
  private long bytesSent;

  RingCommunicator(Link link) {
    this.link = link;
    this.rank = link.rank();
    this.worldSize = link.worldSize();
    this.next = (rank + 1) % worldSize;
    this.previous = (rank + worldSize - 1) % worldSize;
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
    FloatFrames frames = formats.computeIfAbsent(format, FloatFrames::of);
    if (link.isMesh() && length * (long) Float.BYTES <= SHORT) {
      exchange(data, offset, length, frames);
    } else {
      bytesSent += new RingSum(link, frames, data, offset, length).run();
    }
    link.flush();
  }

  private void exchange(float[] data, int offset, int length, FloatFrames frames) {
    frames.round(data, offset, length);
    int bytes = frames.bytes(length);
    sendToAll(bytes, out -> frames.write(data, offset, length, out));
    if (rank > 1) { // of the first two, the order does not matter
      own = own.length < length ? new float[length] : own;
      System.arraycopy(data, offset, own, 0, length);
    }
    for (int source = 0; source < worldSize; source++) {
      if (source != rank) {
        boolean first = source == 0 && rank > 1;
        receive(source, bytes, first ? frames.copyTo(data, offset) : frames.addTo(data, offset));
      } else if (rank > 1) {
        FloatFrames.add(own, data, offset, length);
      }
    }
  }

  @Override
  public void allReduceSum(double[] data) {
    double[][] all = new double[worldSize][data.length];
    all[rank] = data.clone();
    gather(all, data.length);
    Arrays.fill(data, 0);
    for (double[] addends : all) {
      for (int i = 0; i < data.length; i++) {
        data[i] += addends[i];
      }
    }
  }

  @Override
  public byte[] broadcast(byte[] data) {
    byte[] result = rank == 0 ? data : new byte[receiveLength(rank - 1)];
    if (rank + 1 < worldSize) {
      send(rank + 1, Integer.BYTES, out -> out.putInt(result.length));
    }
    for (int from = 0; from < result.length; from += FRAME) {
      pass(result, from, Math.min(FRAME, result.length - from));
    }
    link.flush();
    return result;
  }

  /** From the rank before to the rank behind. */
  private void pass(byte[] data, int from, int bytes) {
    if (rank > 0) {
      receive(rank - 1, bytes, ByteBuffer.wrap(data, from, bytes)::put);
    }
    if (rank + 1 < worldSize) {
      send(rank + 1, bytes, out -> out.put(data, from, bytes));
    }
  }

  @Override
  public double[][] allGather(double[] own) {
    double[][] all = new double[worldSize][];
    all[rank] = own.clone();
    if (link.isMesh()) {
      sendToAll(Integer.BYTES, out -> out.putInt(own.length));
    }
    for (int round = 1; round < worldSize; round++) {
      int source = Math.floorMod(rank - round, worldSize);
      int passedOn = all[(source + 1) % worldSize].length;
      if (!link.isMesh()) {
        send(next, Integer.BYTES, out -> out.putInt(passedOn));
      }
      all[source] = new double[receiveLength(link.isMesh() ? source : previous)];
    }
    gather(all, Arrays.stream(all).mapToInt(values -> values.length).max().orElse(0));
    return all;
  }

  /** Fills in what the other ranks have; the arrays are as long as theirs. */
  private void gather(double[][] all, int longest) {
    int most = FRAME / Double.BYTES;
    for (int from = 0; from < longest; from += most) {
      gather(all, from, most);
    }
    link.flush();
  }

  /** One frame of each rank that has so many values; on a ring each passes on what it got last. */
  private void gather(double[][] all, int from, int most) {
    if (link.isMesh()) {
      for (int i = 1; i < worldSize; i++) {
        sendPart((rank + i) % worldSize, all[rank], from, most);
      }
    }
    for (int round = 1; round < worldSize; round++) {
      int source = Math.floorMod(rank - round, worldSize);
      if (!link.isMesh()) {
        sendPart(next, all[(source + 1) % worldSize], from, most);
      }
      int incoming = Math.min(most, all[source].length - from);
      if (incoming > 0) {
        DoubleBuffer target = DoubleBuffer.wrap(all[source], from, incoming);
        receive(
            link.isMesh() ? source : previous,
            incoming * Double.BYTES,
            part -> target.put(part.asDoubleBuffer()));
      }
    }
  }

  private void sendPart(int target, double[] values, int from, int most) {
    int size = Math.min(most, values.length - from);
    if (size > 0) {
      send(target, size * Double.BYTES, out -> out.asDoubleBuffer().put(values, from, size));
    }
  }

  @Override
  public void abort(String cause) {
    link.abort(cause);
  }

  private void sendToAll(int bytes, Consumer<ByteBuffer> writer) {
    for (int i = 1; i < worldSize; i++) {
      send((rank + i) % worldSize, bytes, writer);
    }
  }

  private void send(int target, int bytes, Consumer<ByteBuffer> writer) {
    bytesSent += bytes;
    link.send(target, bytes, writer);
  }

  private void receive(int source, int bytes, Consumer<ByteBuffer> reader) {
    requireLength(link, source, bytes);
    link.receive(source, reader);
  }

  private int receiveLength(int source) {
    int[] length = new int[1];
    receive(source, Integer.BYTES, part -> length[0] = part.getInt());
    if (length[0] < 0) {
      throw new CommunicationException(
          "rank %d got the length %d from rank %d".formatted(rank, length[0], source));
    }
    return length[0];
  }

  /** Waits for a frame of a rank; they are not in the same step if it has another length. */
  static void requireLength(Link link, int source, int expected) {
    int actual = link.nextFrame(source);
    if (expected != actual) {
      throw new CommunicationException(
          "rank %d expected %d bytes from rank %d and got %d: the workers are not in the same step"
              .formatted(link.rank(), expected, source, actual));
    }
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
