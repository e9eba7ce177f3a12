// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The {@code cp.async} copies of a warp's threads. A copy happens when its thread waits for it and
 * no sooner, so that a missing wait shows as wrong results; both places are checked when it is
 * issued.
 */
final class AsyncCopies {
  private static final int LANES = 32;

  private final List<List<Runnable>> open = new ArrayList<>();
  private final List<Deque<List<Runnable>>> groups = new ArrayList<>();
  private boolean used;

  AsyncCopies() {
    for (int lane = 0; lane < LANES; lane++) {
      open.add(new ArrayList<>());
      groups.add(new ArrayDeque<>());
    }
  }

  void clear() {
    if (used) {
      open.forEach(List::clear);
      groups.forEach(Deque::clear);
      used = false;
    }
  }

  private void add(int lane, Runnable copy) {
    used = true;
    open.get(lane).add(copy);
  }

  /** Makes a group of the copies since the last commit, which may be none. */
  private void commit(int lane) {
    used = true;
    groups.get(lane).add(List.copyOf(open.get(lane)));
    open.get(lane).clear();
  }

  /** Completes all groups but the {@code pending} youngest. */
  private void waitGroup(int lane, int pending) {
    Deque<List<Runnable>> of = groups.get(lane);
    while (of.size() > pending) {
      of.remove().forEach(Runnable::run);
    }
  }

  static void register(Map<String, Decoder> decoders) {
    decoders.put("cp", AsyncCopies::decode);
  }

  private static void decode(Assembler a, Statement s) {
    if (!s.has("async") || s.has("bulk") || s.has("mbarrier")) {
      throw s.unknown();
    }
    if (s.has("commit_group")) {
      a.emit(s, Moves.masked((w, i) -> w.copies.commit(i)));
    } else if (s.has("wait_group")) {
      int pending = a.source(s, 0, Type.U32);
      a.emit(s, Moves.masked((w, i) -> w.copies.waitGroup(i, w.r[pending][i])));
    } else if (s.has("wait_all")) {
      a.emit(
          s,
          Moves.masked(
              (w, i) -> {
                w.copies.commit(i);
                w.copies.waitGroup(i, 0);
              }));
    } else {
      copy(a, s);
    }
  }

  /** The fourth operand: how many bytes to read, or a predicate to read none; zeros follow. */
  private static void copy(Assembler a, Statement s) {
    if (!(s.operand(2) instanceof Operand.Literal literal)) {
      throw s.error("the size must be a literal");
    }
    int size = (int) literal.bits();
    Access to = Access.of(a, s, s.operand(0), Variable.Space.SHARED);
    Access from = Access.of(a, s, s.operand(1), Variable.Space.GLOBAL);
    boolean limited = s.operands().size() > 3;
    boolean ignored = limited && a.declared(s.operand(3)).orElse(Type.B32) == Type.PRED;
    int limit = !limited ? 0 : a.source(s, 3, ignored ? Type.PRED : Type.U32);
    a.emit(
        s,
        Moves.masked(
            (w, i) -> {
              int read = size;
              if (ignored) {
                read = (w.p[limit] >> i & 1) != 0 ? 0 : size;
              } else if (limited) {
                read = w.r[limit][i];
              }
              issue(w, i, to, from, size, read);
            }));
  }

  private static void issue(Warp w, int lane, Access to, Access from, int size, int read) {
    if (read < 0 || read > size) {
      throw w.fault(DeviceFault.Kind.MEMCHECK, lane, "copies %d bytes of %d".formatted(read, size));
    }
    byte[] source = new byte[0];
    int start = 0;
    if (read > 0) {
      locateSource(w, lane, from, size, read);
      source = w.in[lane];
      start = w.at[lane];
    }
    byte[] origin = source;
    int first = start;
    to.locate(w, lane, size, Access.Use.WRITE);
    int target = w.at[lane];
    w.copies.add(
        lane,
        () -> {
          byte[] shared = w.block.shared;
          System.arraycopy(origin, first, shared, target, read);
          Arrays.fill(shared, target + read, target + size, (byte) 0);
          if (w.block.races != null) {
            w.block.races.access(w, lane, target, size, Access.Use.WRITE);
          }
        });
  }

  /**
   * Of a copy cut short the address must be aligned for all of it; only what is read must exist.
   */
  private static void locateSource(Warp w, int lane, Access from, int size, int read) {
    if (read == size) {
      from.locate(w, lane, size, Access.Use.READ);
      return;
    }
    for (int i = read - 1; i >= 0; i--) {
      from.locate(w, lane, i, 1, Access.Use.READ);
    }
    if (w.at[lane] % size != 0) {
      throw Access.misaligned(w, lane, w.at[lane], size);
    }
  }
}
