// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The {@code cp.async} copies of a warp's threads. A copy happens when its thread waits for it and
 * no sooner, so that a missing wait shows as wrong results.
 */
final class AsyncCopies {
  /** Performs a copy. */
  @FunctionalInterface
  interface Copy {
    void perform();
  }

  private final List<List<Copy>> open = new ArrayList<>();
  private final List<Deque<List<Copy>>> groups = new ArrayList<>();

  AsyncCopies(Warp warp) {
    for (int lane = 0; lane < warp.r[0].length; lane++) {
      open.add(new ArrayList<>());
      groups.add(new ArrayDeque<>());
    }
  }

  void clear() {
    open.forEach(List::clear);
    groups.forEach(Deque::clear);
  }

  void add(int lane, Copy copy) {
    open.get(lane).add(copy);
  }

  /** Makes a group of the copies since the last commit, which may be none. */
  void commit(int lane) {
    groups.get(lane).add(List.copyOf(open.get(lane)));
    open.get(lane).clear();
  }

  /** Completes all groups but the {@code pending} youngest. */
  void waitGroup(int lane, int pending) {
    Deque<List<Copy>> of = groups.get(lane);
    while (of.size() > pending) {
      of.remove().forEach(Copy::perform);
    }
  }

  void waitAll(int lane) {
    commit(lane);
    waitGroup(lane, 0);
  }
}
