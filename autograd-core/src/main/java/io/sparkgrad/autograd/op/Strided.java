// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;

/**
 * Taking a strided region out of a tensor and placing it back: each is the other's gradient. The
 * layout reaches every element at most once. Saves shapes only.
 */
final class Strided {
  private Strided() {}

  /** A tensor of this shape, read from {@code x} as the layout says. */
  static Tensor take(String name, Tensor x, Shape region, Layout from) {
    Tensor y = Tensor.zeros(region, x.dtype(), x.backend());
    if (region.numel() > 0) {
      x.backend().copy(region, x.buffer(), from, y.buffer(), dense(region));
    }
    Shape before = x.shape();
    return Tape.record(
        name,
        y,
        new Tensor[] {x},
        saver -> (g, needs) -> grads(place(name + "Backward", g, before, from, 0)));
  }

  /** A tensor of this shape, filled with {@code around} but for {@code x}, which lies as told. */
  static Tensor place(String name, Tensor x, Shape shape, Layout to, double around) {
    Tensor y = Tensor.zeros(shape, x.dtype(), x.backend());
    if (around != 0) {
      y.backend().fill(y.buffer(), around);
    }
    Shape region = x.shape();
    if (region.numel() > 0) {
      x.backend().copy(region, x.buffer(), dense(region), y.buffer(), to);
    }
    return Tape.record(
        name,
        y,
        new Tensor[] {x},
        saver -> (g, needs) -> grads(take(name + "Backward", g, region, to)));
  }

  static Layout dense(Shape shape) {
    return new Layout(0, shape.strides());
  }
}
