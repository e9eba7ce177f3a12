// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Map;

/** Barriers and fences, waits for asynchronous copies, and {@code trap}. */
final class Synchronization {
  private Synchronization() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("bar", Synchronization::barrier);
    decoders.put("barrier", Synchronization::barrier);
    // Warps run in turn and see each other's writes at once.
    Decoder nothing = (a, s) -> {};
    decoders.put("membar", nothing);
    decoders.put("fence", nothing);
    decoders.put("nanosleep", nothing);
    decoders.put("griddepcontrol", nothing);
    Decoder trap =
        (a, s) ->
            a.emit(
                s,
                (w, lanes) -> {
                  throw w.fault(
                      DeviceFault.Kind.TRAP, Integer.numberOfTrailingZeros(lanes), "trap");
                });
    decoders.put("trap", trap);
    decoders.put("brkpt", trap);
  }

  private static void barrier(Assembler a, Statement s) {
    if (s.has("warp")) {
      a.emit(s, WarpOperations.barrier(a.source(s, 0, Type.U32)));
      return;
    }
    if (s.has("cluster")) {
      throw s.unknown();
    }
    boolean aligned = s.opcode().equals("bar") || s.has("aligned");
    if (s.has("red")) {
      reduction(a, s, aligned);
      return;
    }
    int id = a.source(s, 0, Type.U32);
    boolean counted = s.operands().size() > 1;
    int count = counted ? a.source(s, 1, Type.U32) : 0;
    boolean waits = !s.has("arrive");
    a.emit(
        s,
        (w, lanes) -> {
          int lane = Integer.numberOfTrailingZeros(lanes);
          int expected = counted ? w.r[count][lane] : 0;
          if (waits) {
            w.block.barriers.arrive(
                w, lanes, w.r[id][lane], expected, aligned, 0, (holding, threads) -> {});
          } else {
            w.block.barriers.pass(lanes, w.r[id][lane], expected);
          }
        });
  }

  /** {@code bar.red}: also counts the predicates that hold, or says whether all or any do. */
  private static void reduction(Assembler a, Statement s, boolean aligned) {
    boolean counted = s.operands().size() > 3;
    int id = a.source(s, 1, Type.U32);
    int count = counted ? a.source(s, 2, Type.U32) : 0;
    int p = a.source(s, counted ? 3 : 2, Type.PRED);
    boolean popc = s.has("popc");
    boolean all = s.has("and");
    int y = a.target(s, 0, popc ? Type.U32 : Type.PRED);
    a.emit(
        s,
        (w, lanes) -> {
          int lane = Integer.numberOfTrailingZeros(lanes);
          int expected = counted ? w.r[count][lane] : 0;
          w.block.barriers.arrive(
              w,
              lanes,
              w.r[id][lane],
              expected,
              aligned,
              Integer.bitCount(w.p[p] & lanes),
              (holding, threads) -> {
                if (popc) {
                  for (int m = lanes; m != 0; m &= m - 1) {
                    w.r[y][Integer.numberOfTrailingZeros(m)] = holding;
                  }
                } else {
                  boolean holds = all ? holding == threads : holding > 0;
                  w.p[y] = holds ? w.p[y] | lanes : w.p[y] & ~lanes;
                }
              });
        });
  }
}
