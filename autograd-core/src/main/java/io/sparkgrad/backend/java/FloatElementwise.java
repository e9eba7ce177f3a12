// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.UnaryKernel;

/**
 * The FLOAT32 loops that training spends its elementwise time in; the JIT makes vector code of
 * each.
 */
final class FloatElementwise {
  private FloatElementwise() {}

  /** Does it, or says that it has no loop for this kernel. */
  static boolean unary(UnaryKernel kernel, float p, Buffer x, Buffer y) {
    float[] in = HeapBuffer.floats(x);
    float[] out = HeapBuffer.floats(y);
    switch (kernel) {
      case RELU -> {
        for (int i = 0; i < in.length; i++) {
          out[i] = Math.max(in[i], 0f); // NaN stays NaN
        }
      }
      case SCALE -> {
        for (int i = 0; i < in.length; i++) {
          out[i] = p * in[i];
        }
      }
      case SHIFT -> {
        for (int i = 0; i < in.length; i++) {
          out[i] = in[i] + p;
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** As {@link #unary}; one operand has the result's shape and the other repeats. */
  static boolean binary(BinaryKernel kernel, Buffer a, Buffer b, Buffer y, Periods p) {
    float[] full = HeapBuffer.floats(p.leftIsFull() ? a : b);
    float[] small = HeapBuffer.floats(p.leftIsFull() ? b : a);
    float[] out = HeapBuffer.floats(y);
    if (small.length == out.length) {
      return equal(kernel, HeapBuffer.floats(a), HeapBuffer.floats(b), out);
    }
    if (p.inner() == 1 && p.period() > 1) {
      return rows(kernel, full, small, out);
    }
    for (int start = 0, block = 0; start < out.length; start += p.inner(), block++) {
      int end = start + p.inner();
      if (!constant(kernel, full, small[block % p.period()], out, start, end, p.leftIsFull())) {
        return false;
      }
    }
    return true;
  }

  private static boolean equal(BinaryKernel kernel, float[] a, float[] b, float[] out) {
    switch (kernel) {
      case ADD -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = a[i] + b[i];
        }
      }
      case SUB -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = a[i] - b[i];
        }
      }
      case MUL -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = a[i] * b[i];
        }
      }
      case DIV -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = a[i] / b[i];
        }
      }
      case MASK -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = b[i] != 0 ? a[i] : 0f;
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** The small operand repeats along rows of its own length. */
  private static boolean rows(BinaryKernel kernel, float[] full, float[] small, float[] out) {
    if (kernel != BinaryKernel.ADD && kernel != BinaryKernel.MUL) {
      return false; // only these two are symmetric and hot
    }
    for (int start = 0; start < out.length; start += small.length) {
      if (kernel == BinaryKernel.ADD) {
        for (int i = 0; i < small.length; i++) {
          out[start + i] = full[start + i] + small[i];
        }
      } else {
        for (int i = 0; i < small.length; i++) {
          out[start + i] = full[start + i] * small[i];
        }
      }
    }
    return true;
  }

  private static boolean constant(
      BinaryKernel kernel,
      float[] full,
      float c,
      float[] out,
      int start,
      int end,
      boolean leftIsFull) {
    switch (kernel) {
      case ADD -> {
        for (int i = start; i < end; i++) {
          out[i] = full[i] + c;
        }
      }
      case MUL -> {
        for (int i = start; i < end; i++) {
          out[i] = full[i] * c;
        }
      }
      case DIV -> {
        if (!leftIsFull) {
          return false;
        }
        for (int i = start; i < end; i++) {
          out[i] = full[i] / c;
        }
      }
      case GT -> {
        if (!leftIsFull) {
          return false;
        }
        for (int i = start; i < end; i++) {
          out[i] = full[i] > c ? 1f : 0f;
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }
}
