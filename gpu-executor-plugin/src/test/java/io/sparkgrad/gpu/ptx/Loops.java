// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/**
 * Arithmetic over the 32 lanes of registers of one storage. Each computes all lanes; {@link
 * #commit} keeps the lanes that the instruction is executed for.
 */
final class Loops {
  private Loops() {}

  @FunctionalInterface
  interface Floats {
    void run(float[] d, float[] a, float[] b, float[] c);
  }

  @FunctionalInterface
  interface Ints {
    void run(int[] d, int[] a, int[] b, int[] c);
  }

  @FunctionalInterface
  interface Longs {
    void run(long[] d, long[] a, long[] b, long[] c);
  }

  @FunctionalInterface
  interface Doubles {
    void run(double[] d, double[] a, double[] b, double[] c);
  }

  record OnFloats(Floats loop, int d, int a, int b, int c) implements Body {
    @Override
    public void run(Warp w, int lanes) {
      float[] out = lanes == -1 ? w.f[d] : w.f[0];
      loop.run(out, w.f[a], w.f[b], w.f[c]);
      if (lanes != -1) {
        commit(out, w.f[d], lanes);
      }
    }
  }

  record OnInts(Ints loop, int d, int a, int b, int c) implements Body {
    @Override
    public void run(Warp w, int lanes) {
      int[] out = lanes == -1 ? w.r[d] : w.r[0];
      loop.run(out, w.r[a], w.r[b], w.r[c]);
      if (lanes != -1) {
        commit(out, w.r[d], lanes);
      }
    }
  }

  record OnLongs(Longs loop, int d, int a, int b, int c) implements Body {
    @Override
    public void run(Warp w, int lanes) {
      long[] out = lanes == -1 ? w.l[d] : w.l[0];
      loop.run(out, w.l[a], w.l[b], w.l[c]);
      if (lanes != -1) {
        commit(out, w.l[d], lanes);
      }
    }
  }

  record OnDoubles(Doubles loop, int d, int a, int b, int c) implements Body {
    @Override
    public void run(Warp w, int lanes) {
      double[] out = lanes == -1 ? w.d[d] : w.d[0];
      loop.run(out, w.d[a], w.d[b], w.d[c]);
      if (lanes != -1) {
        commit(out, w.d[d], lanes);
      }
    }
  }

  static void commit(float[] from, float[] to, int lanes) {
    if (lanes == -1) {
      System.arraycopy(from, 0, to, 0, 32);
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = from[i];
    }
  }

  static void commit(int[] from, int[] to, int lanes) {
    if (lanes == -1) {
      System.arraycopy(from, 0, to, 0, 32);
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = from[i];
    }
  }

  static void commit(long[] from, long[] to, int lanes) {
    if (lanes == -1) {
      System.arraycopy(from, 0, to, 0, 32);
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = from[i];
    }
  }

  static void commit(double[] from, double[] to, int lanes) {
    if (lanes == -1) {
      System.arraycopy(from, 0, to, 0, 32);
      return;
    }
    for (int m = lanes; m != 0; m &= m - 1) {
      int i = Integer.numberOfTrailingZeros(m);
      to[i] = from[i];
    }
  }

  /** Takes some lanes of one register and some of another. */
  static void commit(float[] x, float[] to, int ofX, float[] y, int ofY) {
    commit(x, to, ofX);
    commit(y, to, ofY);
  }

  /** Takes some lanes of one register and some of another. */
  static void commit(int[] x, int[] to, int ofX, int[] y, int ofY) {
    commit(x, to, ofX);
    commit(y, to, ofY);
  }

  /** Takes some lanes of one register and some of another. */
  static void commit(long[] x, long[] to, int ofX, long[] y, int ofY) {
    commit(x, to, ofX);
    commit(y, to, ofY);
  }

  /** Takes some lanes of one register and some of another. */
  static void commit(double[] x, double[] to, int ofX, double[] y, int ofY) {
    commit(x, to, ofX);
    commit(y, to, ofY);
  }
}
