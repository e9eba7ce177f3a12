// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Map;

/** What lanes of a warp do together: {@code shfl}, {@code vote}, {@code match}, {@code redux}. */
final class WarpOperations {
  private WarpOperations() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("shfl", WarpOperations::shuffle);
    decoders.put("vote", WarpOperations::vote);
    decoders.put("match", WarpOperations::match);
    decoders.put("redux", WarpOperations::redux);
    decoders.put(
        "activemask",
        (a, s) -> {
          int y = a.target(s, 0, Type.B32);
          a.emit(s, Moves.masked((w, i) -> w.r[y][i] = w.active));
        });
  }

  /** Does the work of all members at once. */
  @FunctionalInterface
  private interface Together {
    void run(Warp w, int members);
  }

  /**
   * Lets lanes wait until all living lanes of their mask are here, then runs it for all.
   *
   * @param mask the int register of the membership mask
   */
  private static Body gathered(int mask, Together together) {
    return (w, lanes) -> {
      int left = lanes;
      while (left != 0) {
        int lane = Integer.numberOfTrailingZeros(left);
        int members = w.r[mask][lane];
        int same = 0;
        for (int m = left; m != 0; m &= m - 1) {
          int i = Integer.numberOfTrailingZeros(m);
          same |= w.r[mask][i] == members ? 1 << i : 0;
        }
        if ((same & ~members) != 0) {
          throw w.fault(
              DeviceFault.Kind.SYNCCHECK,
              Integer.numberOfTrailingZeros(same & ~members),
              "the mask 0x%x lacks this lane".formatted(members));
        }
        left &= ~same;
        if (w.gather(same, members)) {
          together.run(w, members & w.live);
        }
      }
    };
  }

  static Body barrier(int mask) {
    return gathered(mask, (w, members) -> {});
  }

  private static void shuffle(Assembler a, Statement s) {
    Operand result = s.operand(0);
    Operand.Name sink = new Operand.Name("_");
    int y = a.target(s, result instanceof Operand.Pair p ? p.first() : result, Type.B32);
    int inRange = a.target(s, result instanceof Operand.Pair p ? p.second() : sink, Type.PRED);
    int x = a.source(s, 1, Type.B32);
    int b = a.source(s, 2, Type.U32);
    int c = a.source(s, 3, Type.U32);
    int mask = a.source(s, 4, Type.U32);
    String mode = s.parts().get(2);
    a.emit(
        s,
        gathered(
            mask,
            (w, members) -> {
              int[] out = w.r[0];
              int holds = 0;
              for (int m = members; m != 0; m &= m - 1) {
                int i = Integer.numberOfTrailingZeros(m);
                int from = sourceLane(s, mode, i, w.r[b][i] & 31, w.r[c][i]);
                if (from >= 0) {
                  holds |= 1 << i;
                }
                int lane = from >= 0 ? from : i;
                if ((members >> lane & 1) == 0) {
                  throw w.fault(
                      DeviceFault.Kind.SYNCCHECK,
                      i,
                      "reads lane %d, which takes no part (lanes 0x%x do)"
                          .formatted(lane, members));
                }
                out[i] = w.r[x][lane];
              }
              Loops.commit(out, w.r[y], members);
              w.p[inRange] = Warp.select(members, holds, w.p[inRange]);
            }));
  }

  /** The lane that {@code lane} reads, -1 if that is out of its segment. */
  private static int sourceLane(Statement s, String mode, int lane, int b, int c) {
    int segment = (c >> 8) & 31;
    int clamp = c & 31;
    int max = (lane & segment) | (clamp & ~segment);
    int min = lane & segment;
    int from;
    boolean inside;
    switch (mode) {
      case "up" -> {
        from = lane - b;
        inside = from >= max;
      }
      case "down" -> {
        from = lane + b;
        inside = from <= max;
      }
      case "bfly" -> {
        from = lane ^ b;
        inside = from <= max;
      }
      case "idx" -> {
        from = min | (b & ~segment);
        inside = from <= max;
      }
      default -> throw s.unknown();
    }
    return inside ? from : -1;
  }

  private static void vote(Assembler a, Statement s) {
    int p = a.source(s, 1, Type.PRED);
    int mask = a.source(s, 2, Type.U32);
    String mode = s.parts().get(2);
    if (mode.equals("ballot")) {
      int y = a.target(s, 0, Type.B32);
      a.emit(
          s,
          gathered(
              mask,
              (w, members) -> {
                int ballot = w.p[p] & members;
                for (int m = members; m != 0; m &= m - 1) {
                  w.r[y][Integer.numberOfTrailingZeros(m)] = ballot;
                }
              }));
      return;
    }
    int y = a.target(s, 0, Type.PRED);
    a.emit(
        s,
        gathered(
            mask,
            (w, members) -> {
              int ballot = w.p[p] & members;
              boolean holds =
                  switch (mode) {
                    case "all" -> ballot == members;
                    case "any" -> ballot != 0;
                    case "uni" -> ballot == members || ballot == 0;
                    default -> throw s.unknown();
                  };
              w.p[y] = holds ? w.p[y] | members : w.p[y] & ~members;
            }));
  }

  private static void match(Assembler a, Statement s) {
    Type type = s.type();
    boolean all = s.has("all");
    Operand result = s.operand(0);
    Operand.Name sink = new Operand.Name("_");
    int y = a.target(s, result instanceof Operand.Pair p ? p.first() : result, Type.B32);
    int same = a.target(s, result instanceof Operand.Pair p ? p.second() : sink, Type.PRED);
    int x = a.source(s, 1, type);
    int mask = a.source(s, 2, Type.U32);
    a.emit(
        s,
        gathered(
            mask,
            (w, members) -> {
              for (int m = members; m != 0; m &= m - 1) {
                int i = Integer.numberOfTrailingZeros(m);
                int equal = 0;
                for (int n = members; n != 0; n &= n - 1) {
                  int k = Integer.numberOfTrailingZeros(n);
                  boolean is = type.bytes == 8 ? w.l[x][i] == w.l[x][k] : w.r[x][i] == w.r[x][k];
                  equal |= is ? 1 << k : 0;
                }
                w.r[0][i] = all && equal != members ? 0 : equal;
                w.p[same] = equal == members ? w.p[same] | (1 << i) : w.p[same] & ~(1 << i);
              }
              Loops.commit(w.r[0], w.r[y], members);
            }));
  }

  private static void redux(Assembler a, Statement s) {
    String op = s.parts().get(2);
    Type type = s.type();
    int y = a.target(s, 0, Type.B32);
    int x = a.source(s, 1, Type.B32);
    int mask = a.source(s, 2, Type.U32);
    a.emit(
        s,
        gathered(
            mask,
            (w, members) -> {
              int first = Integer.numberOfTrailingZeros(members);
              int result = w.r[x][first];
              for (int m = members & (members - 1); m != 0; m &= m - 1) {
                int value = w.r[x][Integer.numberOfTrailingZeros(m)];
                result = (int) Atomics.combine(s, op, type, result, value);
              }
              for (int m = members; m != 0; m &= m - 1) {
                w.r[y][Integer.numberOfTrailingZeros(m)] = result;
              }
            }));
  }
}
