// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of some segments of memory are in use. The smallest free block that is large enough
 * is cut, of equals that with the lowest address, and free neighbours become one at once. So what
 * is handed out follows from what is in use alone: who takes and gives back the same sizes in the
 * same order, again and again, gets the same addresses each time.
 */
final class BlockPool {
  private final TreeSet<Block> free =
      new TreeSet<>(
          Comparator.<Block>comparingLong(b -> b.bytes).thenComparingLong(b -> b.address));
  private final Map<Long, Block> lent = new HashMap<>();

  /** Neighbours are of the same segment; a block without any is a whole one. */
  private static final class Block {
    final long address;
    long bytes;
    @Nullable Block before;
    @Nullable Block after;

    Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }
  }

  void addSegment(long address, long bytes) {
    free.add(new Block(address, bytes));
  }

  /** The address of so many bytes, a multiple of what the callers align to; 0 if there are none. */
  long take(long bytes) {
    Block block = free.ceiling(new Block(0, bytes));
    if (block == null) {
      return 0;
    }
    free.remove(block);
    if (block.bytes > bytes) {
      cut(block, bytes);
    }
    lent.put(block.address, block);
    return block.address;
  }

  private void cut(Block block, long bytes) {
    Block rest = new Block(block.address + bytes, block.bytes - bytes);
    rest.before = block;
    rest.after = block.after;
    if (rest.after != null) {
      rest.after.before = rest;
    }
    block.after = rest;
    block.bytes = bytes;
    free.add(rest);
  }

  /** How large the block was; -1 if none begins there or it is not in use. */
  long give(long address) {
    Block block = lent.remove(address);
    if (block == null) {
      return -1;
    }
    long bytes = block.bytes;
    if (block.after != null && free.remove(block.after)) {
      absorb(block);
    }
    if (block.before != null && free.remove(block.before)) {
      block = block.before;
      absorb(block);
    }
    free.add(block);
    return bytes;
  }

  /** Makes one of a block and the one after it. */
  private static void absorb(Block block) {
    Block next = block.after;
    if (next != null) {
      block.bytes += next.bytes;
      block.after = next.after;
      if (block.after != null) {
        block.after.before = block;
      }
    }
  }

  /** A segment of which nothing is in use. */
  record Segment(long address, long bytes) {}

  /** Forgets the segments of which nothing is in use. */
  List<Segment> removeIdle() {
    List<Segment> idle = new ArrayList<>();
    free.removeIf(
        block -> {
          boolean whole = block.before == null && block.after == null;
          if (whole) {
            idle.add(new Segment(block.address, block.bytes));
          }
          return whole;
        });
    return idle;
  }

  /** The largest free block in bytes, 0 if there is none. */
  long largest() {
    return free.isEmpty() ? 0 : free.last().bytes;
  }
}
