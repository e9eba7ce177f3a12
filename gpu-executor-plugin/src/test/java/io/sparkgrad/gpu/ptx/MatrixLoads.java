// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;
import java.util.Map;

/** {@code ldmatrix}, {@code wmma.load} and {@code wmma.store}. */
final class MatrixLoads {
  private MatrixLoads() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("ldmatrix", MatrixLoads::ldmatrix);
  }

  static List<Operand> elements(Statement s, int operand) {
    if (s.operand(operand) instanceof Operand.Vector vector) {
      return vector.elements();
    }
    throw s.error("expected a list of registers, got " + s.operand(operand));
  }

  /**
   * Up to four 8×8 matrices of 16 bits: lane {@code 8j + i} has the address of row i of matrix j,
   * and lane l gets elements 2(l mod 4) and the next of row l / 4.
   */
  private static void ldmatrix(Assembler a, Statement s) {
    if (!s.has("m8n8") || s.type() != Type.B16) {
      throw s.unknown();
    }
    int[] results = elements(s, 0).stream().mapToInt(o -> a.target(s, o, Type.B32)).toArray();
    Access access = Access.of(a, s, s.operand(1), Access.space(s));
    boolean transposed = s.has("trans");
    a.emit(
        s,
        (w, lanes) -> {
          if (!w.gatherAll(lanes)) {
            return;
          }
          for (int lane = 0; lane < 8 * results.length; lane++) {
            access.locate(w, lane, 16, Access.Use.READ);
          }
          for (int j = 0; j < results.length; j++) {
            for (int lane = 0; lane < 32; lane++) {
              int low = half(w, j, lane / 4, 2 * (lane % 4), transposed);
              int high = half(w, j, lane / 4, 2 * (lane % 4) + 1, transposed);
              w.r[results[j]][lane] = low | high << 16;
            }
          }
        });
  }

  private static int half(Warp w, int matrix, int row, int column, boolean transposed) {
    int source = 8 * matrix + (transposed ? column : row);
    int at = w.at[source] + 2 * (transposed ? row : column);
    return Bytes.getShort(w.in[source], at) & 0xffff;
  }

  /** Where a matrix of {@code wmma} lies in memory, and what each lane holds of it. */
  private record Tile(
      Access access, int stride, int columns, boolean rows, int bytes, Fragments.Layout layout) {

    void locate(Warp w, int lane, int i, Access.Use use) {
      int index = layout.index(lane, i);
      int row = index / columns;
      int column = index % columns;
      long leading = w.r[stride][lane];
      long at = rows ? row * leading + column : column * leading + row;
      access.locate(w, lane, at * bytes, bytes, use);
    }

    /** The pointer must be a multiple of 32 bytes, and each line of 16. */
    void checkAlignment(Warp w) {
      access.locate(w, 0, bytes, Access.Use.READ);
      if (w.at[0] % 32 != 0 || w.r[stride][0] * bytes % 16 != 0) {
        throw w.fault(
            DeviceFault.Kind.MEMCHECK,
            0,
            "expected a matrix at a multiple of 32 bytes with lines at multiples of 16, got one"
                + " %d bytes into its memory with lines of %d elements"
                    .formatted(w.at[0], w.r[stride][0]));
      }
    }
  }

  private static Tile tile(Assembler a, Statement s, String which, int memory, int perLane) {
    Shape shape = Shape.of(s);
    int rows = which.equals("b") ? shape.k() : shape.m();
    int columns = which.equals("a") ? shape.k() : shape.n();
    boolean rowMajor = s.has("row");
    int last = s.operands().size() - 1;
    boolean strided = last == 2;
    Operand packed = new Operand.Literal(rowMajor ? columns : rows, Operand.Literal.Kind.INTEGER);
    int stride = a.source(s, strided ? s.operand(2) : packed, Type.U32);
    Access access = Access.of(a, s, s.operand(memory), Access.space(s));
    int bytes = s.type() == Type.TF32 ? 4 : s.type().bytes;
    Fragments.Layout layout = Fragments.rowMajor(perLane, rows * columns);
    return new Tile(access, stride, columns, rowMajor, bytes, layout);
  }

  static void wmmaLoad(Assembler a, Statement s) {
    Type type = s.type();
    List<Operand> results = elements(s, 0);
    Type held = type == Type.F32 ? Type.F32 : Type.B32;
    int each = type.bytes == 2 ? 2 : 1;
    int[] registers = results.stream().mapToInt(o -> a.target(s, o, held)).toArray();
    Tile tile = tile(a, s, s.parts().get(2), 1, each * registers.length);
    a.emit(
        s,
        (w, lanes) -> {
          if (!w.gatherAll(lanes)) {
            return;
          }
          tile.checkAlignment(w);
          for (int lane = 0; lane < 32; lane++) {
            for (int k = 0; k < registers.length; k++) {
              int bits = 0;
              for (int half = 0; half < each; half++) {
                tile.locate(w, lane, each * k + half, Access.Use.READ);
                bits |= load(w, lane, type) << (16 * half);
              }
              if (held == Type.F32) {
                w.f[registers[k]][lane] = Float.intBitsToFloat(bits);
              } else {
                w.r[registers[k]][lane] = bits;
              }
            }
          }
        });
  }

  private static int load(Warp w, int lane, Type type) {
    return type.bytes == 2
        ? Bytes.getShort(w.in[lane], w.at[lane]) & 0xffff
        : Bytes.getInt(w.in[lane], w.at[lane]);
  }

  static void wmmaStore(Assembler a, Statement s) {
    if (s.type() != Type.F32) {
      throw s.error("accumulators must be of f32");
    }
    int[] registers = elements(s, 1).stream().mapToInt(o -> a.source(s, o, Type.F32)).toArray();
    Tile tile = tile(a, s, "d", 0, registers.length);
    a.emit(
        s,
        (w, lanes) -> {
          if (!w.gatherAll(lanes)) {
            return;
          }
          for (int lane = 0; lane < 32; lane++) {
            for (int k = 0; k < registers.length; k++) {
              tile.locate(w, lane, k, Access.Use.WRITE);
              Bytes.put(w.in[lane], w.at[lane], w.f[registers[k]][lane]);
            }
          }
        });
  }
}
