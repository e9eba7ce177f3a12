// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

/**
 * Ring all-reduce of one array: it is cut into one segment per rank; in {@code n − 1} rounds each
 * rank adds its own numbers to the partial sum that it gets and passes that on (reduce-scatter), in
 * another {@code n − 1} rounds the finished segments go round (all-gather). Each rank sends {@code
 * 2·(n − 1)/n} of the array, whatever n is. A segment is summed along the ring from one fixed rank
 * on and then only copied: all ranks hold the same bits.
 *
 * <p>A segment goes in frames. Each one that comes makes a rank send one: in the first rounds the
 * sum of it and of the rank's own numbers, which the array does not have to hold for that, in the
 * later ones the very bytes that came, and in the last, whose frames go no further, the first
 * frames of the next slice of the array. So a constant number of frames is under way, and no rank
 * stands still between rounds or slices.
 */
final class RingSum {
  /** Frames of a segment in one slice, all of which may be under way. */
  private static final int WINDOW = 8;

  private final Link link;
  private final FloatFrames frames;
  private final float[] data;
  private final int offset;
  private final int length;
  private final int rank;
  private final int worldSize;
  private final int next;
  private final int previous;
  private final int slices;
  private final int framesPerRound;
  private long bytesSent;

  /** Of a range of an array; the other ranks have one as long. */
  RingSum(Link link, FloatFrames frames, float[] data, int offset, int length) {
    this.link = link;
    this.frames = frames;
    this.data = data;
    this.offset = offset;
    this.length = length;
    this.rank = link.rank();
    this.worldSize = link.worldSize();
    this.next = (rank + 1) % worldSize;
    this.previous = (rank + worldSize - 1) % worldSize;
    this.slices = parts(length, (long) worldSize * WINDOW * frames.capacity());
    this.framesPerRound = parts(parts(parts(length, slices), worldSize), frames.capacity());
  }

  /** The fewest parts of at most so many numbers; also the most numbers in so many equal parts. */
  private static int parts(int numbers, long most) {
    return Math.toIntExact(Math.max(1, (numbers + most - 1) / most));
  }

  /**
   * Replaces the numbers by the sums over all ranks.
   *
   * @return how many bytes this rank has sent
   */
  long run() {
    if (worldSize == 1) {
      return 0;
    }
    for (int frame = 0; frame < framesPerRound; frame++) {
      begin(0, frame);
    }
    for (int slice = 0; slice < slices; slice++) {
      for (int round = 0; round < 2 * (worldSize - 1); round++) {
        for (int frame = 0; frame < framesPerRound; frame++) {
          pass(slice, round, frame);
        }
      }
    }
    return bytesSent;
  }

  /** Sends a frame of the segment that this rank is the first to send. */
  private void begin(int slice, int frame) {
    Piece piece = piece(slice, rank, frame);
    int bytes = frames.bytes(piece.size);
    bytesSent += bytes;
    link.send(next, bytes, out -> frames.write(data, piece.from, piece.size, out));
  }

  private void pass(int slice, int round, int frame) {
    Piece piece = piece(slice, Math.floorMod(rank - round - 1, worldSize), frame);
    int bytes = frames.bytes(piece.size);
    RingCommunicator.requireLength(link, previous, bytes);
    if (round == 2 * worldSize - 3) {
      link.receive(previous, frames.copyTo(data, piece.from));
      if (slice + 1 < slices) {
        begin(slice + 1, frame);
      }
      return;
    }
    bytesSent += bytes;
    if (round < worldSize - 2) {
      link.relay(previous, next, frames.sums(data, piece.from));
    } else if (round == worldSize - 2) { // of all ranks
      link.relay(previous, next, frames.sumsKept(data, piece.from));
    } else {
      link.forward(previous, next, frames.copyTo(data, piece.from));
    }
  }

  /** What a frame holds of a segment of a slice. */
  private Piece piece(int slice, int segment, int frame) {
    Piece ofSlice = new Piece(0, length).part(slice, slices);
    Piece piece = ofSlice.part(segment, worldSize).part(frame, framesPerRound);
    return new Piece(offset + piece.from, piece.size);
  }

  private record Piece(int from, int size) {
    /** One of so many parts, which differ by one number at most. */
    Piece part(int i, int parts) {
      int start = (int) ((long) size * i / parts);
      int end = (int) ((long) size * (i + 1) / parts);
      return new Piece(from + start, end - start);
    }
  }
}
