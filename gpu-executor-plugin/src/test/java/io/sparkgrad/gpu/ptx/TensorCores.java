// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;
import java.util.Map;

/**
 * {@code mma.sync} and {@code wmma.mma}: products of small matrices of TF32, bf16 or f16 with
 * accumulators in FP32. Sums are exact up to a double, then rounded once; hardware rounds more
 * often.
 */
final class TensorCores {
  private TensorCores() {}

  static void register(Map<String, Decoder> decoders) {
    decoders.put("mma", TensorCores::mma);
    decoders.put(
        "wmma",
        (a, s) -> {
          switch (s.parts().get(1)) {
            case "load" -> MatrixLoads.wmmaLoad(a, s);
            case "store" -> MatrixLoads.wmmaStore(a, s);
            default -> wmma(a, s);
          }
        });
  }

  /** A matrix in registers: of 32 bits each, one number or two halves. */
  private record Matrix(int[] registers, Type type, Fragments.Layout layout, int size) {
    float[] gather(Warp w) {
      float[] values = new float[size];
      int each = type.bytes == 2 ? 2 : 1;
      for (int k = 0; k < registers.length; k++) {
        for (int lane = 0; lane < 32; lane++) {
          for (int half = 0; half < each; half++) {
            values[layout.index(lane, each * k + half)] = element(w, k, lane, half);
          }
        }
      }
      return values;
    }

    private float element(Warp w, int k, int lane, int half) {
      return switch (type) {
        case F32 -> w.f[registers[k]][lane];
        // Tensor cores take the upper 19 bits alone.
        case TF32 -> Float.intBitsToFloat(w.r[registers[k]][lane] & ~0x1fff);
        default -> Halves.widen(w.r[registers[k]][lane] >>> (16 * half), type);
      };
    }

    void scatter(Warp w, float[] values) {
      for (int k = 0; k < registers.length; k++) {
        for (int lane = 0; lane < 32; lane++) {
          w.f[registers[k]][lane] = values[layout.index(lane, k)];
        }
      }
    }
  }

  private static void mma(Assembler a, Statement s) {
    Shape shape = Shape.of(s);
    Type type = s.type(2);
    boolean halves = type == Type.BF16 || type == Type.F16;
    boolean known = shape.m() == 16 && shape.n() == 8 && shape.k() <= (halves ? 16 : 8);
    if (!known || !(halves || type == Type.TF32)) {
      throw s.unknown();
    }
    product(
        a,
        s,
        shape,
        type,
        Fragments.a(shape.k(), halves),
        Fragments.b(halves),
        Fragments.c(),
        Fragments.c());
  }

  private static void wmma(Assembler a, Statement s) {
    Shape shape = Shape.of(s);
    // With two types, those of the accumulators, the factors are of f16.
    boolean named = s.has("tf32") || s.has("bf16");
    Type type = named ? s.type(1) : Type.F16;
    int each = type.bytes == 2 ? 2 : 1;
    int ofA = each * MatrixLoads.elements(s, 1).size();
    int ofB = each * MatrixLoads.elements(s, 2).size();
    Fragments.Layout c = Fragments.rowMajor(shape.m() * shape.n() / 32, shape.m() * shape.n());
    product(
        a,
        s,
        shape,
        type,
        Fragments.rowMajor(ofA, shape.m() * shape.k()),
        Fragments.rowMajor(ofB, shape.k() * shape.n()),
        c,
        c);
  }

  private static void product(
      Assembler a,
      Statement s,
      Shape shape,
      Type type,
      Fragments.Layout ofA,
      Fragments.Layout ofB,
      Fragments.Layout ofC,
      Fragments.Layout ofD) {
    if (s.type() != Type.F32) {
      throw s.error("accumulators must be of f32");
    }
    Matrix x = matrix(a, s, 1, type, ofA, shape.m() * shape.k());
    Matrix y = matrix(a, s, 2, type, ofB, shape.k() * shape.n());
    Matrix c = matrix(a, s, 3, Type.F32, ofC, shape.m() * shape.n());
    int[] results = new int[MatrixLoads.elements(s, 0).size()];
    for (int i = 0; i < results.length; i++) {
      results[i] = a.target(s, MatrixLoads.elements(s, 0).get(i), Type.F32);
    }
    Matrix d = new Matrix(results, Type.F32, ofD, shape.m() * shape.n());
    a.emit(
        s,
        (w, lanes) -> {
          if (w.gatherAll(lanes)) {
            d.scatter(w, multiply(shape, x.gather(w), y.gather(w), c.gather(w)));
          }
        });
  }

  private static Matrix matrix(
      Assembler a, Statement s, int operand, Type type, Fragments.Layout layout, int size) {
    Type held = type == Type.F32 ? Type.F32 : Type.B32;
    List<Operand> elements = MatrixLoads.elements(s, operand);
    int[] registers = elements.stream().mapToInt(o -> a.source(s, o, held)).toArray();
    return new Matrix(registers, type, layout, size);
  }

  private static float[] multiply(Shape shape, float[] a, float[] b, float[] c) {
    int n = shape.n();
    double[] sums = new double[n];
    for (int i = 0; i < shape.m(); i++) {
      for (int j = 0; j < n; j++) {
        sums[j] = c[i * n + j];
      }
      for (int k = 0; k < shape.k(); k++) {
        double factor = a[i * shape.k() + k];
        for (int j = 0; j < n; j++) {
          sums[j] += factor * b[k * n + j];
        }
      }
      for (int j = 0; j < n; j++) {
        c[i * n + j] = (float) sums[j];
      }
    }
    return c;
  }
}
