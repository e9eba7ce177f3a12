// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.Set;

/** Comparisons over the 32 lanes. */
final class ComparisonLoops {
  /** Holds for less, equal, greater and unordered, in this order of bits. */
  private static final int LESS = 1;

  private static final int EQUAL = 2;
  private static final int GREATER = 4;
  private static final int UNORDERED = 8;

  private ComparisonLoops() {}

  /** The outcomes for which a comparison holds. */
  private static int outcomes(Statement s, String comparison) {
    return switch (comparison) {
      case "eq" -> EQUAL;
      case "ne" -> LESS | GREATER;
      case "lt", "lo" -> LESS;
      case "le", "ls" -> LESS | EQUAL;
      case "gt", "hi" -> GREATER;
      case "ge", "hs" -> GREATER | EQUAL;
      case "equ" -> EQUAL | UNORDERED;
      case "neu" -> LESS | GREATER | UNORDERED;
      case "ltu" -> LESS | UNORDERED;
      case "leu" -> LESS | EQUAL | UNORDERED;
      case "gtu" -> GREATER | UNORDERED;
      case "geu" -> GREATER | EQUAL | UNORDERED;
      case "num" -> LESS | EQUAL | GREATER;
      case "nan" -> UNORDERED;
      default -> throw s.unknown();
    };
  }

  static Comparisons.Test floats(Statement s, String comparison, boolean ftz, int x, int y) {
    int outcomes = outcomes(s, comparison);
    return w -> {
      float[] a = w.f[x];
      float[] b = w.f[y];
      int holds = 0;
      for (int i = 0; i < 32; i++) {
        float p = ftz ? FloatMath.flush(a[i]) : a[i];
        float q = ftz ? FloatMath.flush(b[i]) : b[i];
        int outcome = p < q ? 0 : p == q ? 1 : p > q ? 2 : 3;
        holds |= (outcomes >> outcome & 1) << i;
      }
      return holds;
    };
  }

  static Comparisons.Test doubles(Statement s, String comparison, int x, int y) {
    int outcomes = outcomes(s, comparison);
    return w -> {
      double[] a = w.d[x];
      double[] b = w.d[y];
      int holds = 0;
      for (int i = 0; i < 32; i++) {
        int outcome = a[i] < b[i] ? 0 : a[i] == b[i] ? 1 : a[i] > b[i] ? 2 : 3;
        holds |= (outcomes >> outcome & 1) << i;
      }
      return holds;
    };
  }

  static Comparisons.Test halves(Statement s, String comparison, Type type, int x, int y) {
    int outcomes = outcomes(s, comparison);
    return w -> {
      int holds = 0;
      for (int i = 0; i < 32; i++) {
        float p = Halves.widen(w.r[x][i], type);
        float q = Halves.widen(w.r[y][i], type);
        int outcome = p < q ? 0 : p == q ? 1 : p > q ? 2 : 3;
        holds |= (outcomes >> outcome & 1) << i;
      }
      return holds;
    };
  }

  static Comparisons.Test ints(Statement s, String comparison, Type type, int x, int y) {
    int outcomes = outcomes(s, comparison);
    boolean narrow = type.bytes < 4;
    // Adding the smallest int turns unsigned order into signed.
    int bias = signed(comparison, type) ? 0 : Integer.MIN_VALUE;
    return w -> {
      int[] a = w.r[x];
      int[] b = w.r[y];
      int holds = 0;
      for (int i = 0; i < 32; i++) {
        int p = (narrow ? IntMath.extend(a[i], type) : a[i]) + bias;
        int q = (narrow ? IntMath.extend(b[i], type) : b[i]) + bias;
        int outcome = p < q ? 0 : p == q ? 1 : 2;
        holds |= (outcomes >> outcome & 1) << i;
      }
      return holds;
    };
  }

  static Comparisons.Test longs(Statement s, String comparison, Type type, int x, int y) {
    int outcomes = outcomes(s, comparison);
    long bias = signed(comparison, type) ? 0 : Long.MIN_VALUE;
    return w -> {
      long[] a = w.l[x];
      long[] b = w.l[y];
      int holds = 0;
      for (int i = 0; i < 32; i++) {
        long p = a[i] + bias;
        long q = b[i] + bias;
        int outcome = p < q ? 0 : p == q ? 1 : 2;
        holds |= (outcomes >> outcome & 1) << i;
      }
      return holds;
    };
  }

  private static boolean signed(String comparison, Type type) {
    return type.signed() && !Set.of("lo", "ls", "hi", "hs").contains(comparison);
  }
}
