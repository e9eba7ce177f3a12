// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Some neighbouring elements of a buffer, and of an array on the host.
 *
 * @param buffer must stay reachable until their copy is enqueued
 * @param address of the buffer
 * @param from the first element, in both
 */
record Part(HostValues host, CudaBuffer buffer, long address, int from, int count) {
  /** All of a buffer. */
  static Part whole(HostValues host, CudaBuffer buffer, long address) {
    return new Part(host, buffer, address, 0, Math.toIntExact(buffer.length()));
  }

  /** Where the first element is. */
  long start() {
    return address + (long) from * buffer.dtype().bytes();
  }

  int bytes() {
    return count * buffer.dtype().bytes();
  }

  /** From the host's array to the position of a piece's buffer. */
  void write(ByteBuffer piece) {
    host.write(from, count, buffer.dtype(), piece);
  }

  /** The way back. */
  void read(ByteBuffer piece) {
    host.read(from, count, buffer.dtype(), piece);
  }

  /** The same elements in the same order, in groups of at most so many bytes each. */
  static List<List<Part>> groups(List<Part> parts, int most) {
    List<List<Part>> groups = new ArrayList<>();
    List<Part> group = new ArrayList<>();
    int room = most;
    for (Part part : parts) {
      int size = part.buffer.dtype().bytes();
      int end = part.from + part.count;
      for (int from = part.from; from < end; ) {
        if (room < size) {
          groups.add(group);
          group = new ArrayList<>();
          room = most;
        }
        int count = Math.min(room / size, end - from);
        group.add(new Part(part.host, part.buffer, part.address, from, count));
        room -= count * size;
        from += count;
      }
    }
    if (!group.isEmpty()) {
      groups.add(group);
    }
    return groups;
  }
}
