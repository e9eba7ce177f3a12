// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;

/**
 * A copy on another device; the gradient is copied back. The same tensor if it is there already.
 */
public final class ToBackend {
  private ToBackend() {}

  public static Tensor of(Tensor x, Backend to) {
    Backend from = x.backend();
    if (from == to) {
      return x;
    }
    Tensor y = Tensor.zeros(x.shape(), x.dtype(), to);
    copy(x.buffer(), y.buffer());
    return Tape.record("ToBackend", y, new Tensor[] {x}, saver -> (g, needs) -> grads(g.to(from)));
  }

  /** Through the host's memory, in the type in which no value changes. */
  static void copy(Buffer source, Buffer target) {
    int length = Math.toIntExact(source.length());
    switch (source.dtype()) {
      case FLOAT32 -> {
        float[] values = new float[length];
        source.backend().download(source, values);
        target.backend().upload(values, target);
      }
      case FLOAT64 -> {
        double[] values = new double[length];
        source.backend().download(source, values);
        target.backend().upload(values, target);
      }
      case INT64, BOOL -> {
        long[] values = new long[length];
        source.backend().download(source, values);
        target.backend().upload(values, target);
      }
    }
  }
}
