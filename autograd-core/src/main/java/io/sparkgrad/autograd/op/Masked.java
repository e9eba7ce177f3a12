// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.stream.IntStream;

/** Elements where a BOOL mask holds; mask and tensor stretch to each other. */
public final class Masked {
  private Masked() {}

  /** {@code value} where the mask holds. */
  public static Tensor fill(Tensor x, Tensor mask, double value) {
    Tensor scalar = Tensor.zeros(Shape.scalar(), x.dtype(), x.backend());
    return fill(x, mask, scalar.fill_(value));
  }

  /** As {@link #fill(Tensor, Tensor, double)} with a scalar that receives the gradients there. */
  public static Tensor fill(Tensor x, Tensor mask, Tensor value) {
    if (value.numel() != 1) {
      throw new ShapeMismatchException(
          "masked_fill: expected a value of one element, got shape " + value.shape());
    }
    requireMask("masked_fill", mask);
    Tensor wide = x.expand(Broadcasting.of("masked_fill", x.shape(), mask.shape()).dims());
    return Overwrite.all(wide, places("masked_fill", wide, mask), value.to(x.dtype()));
  }

  /** The elements where the mask holds, a vector; mask and tensor stretch to each other. */
  public static Tensor select(Tensor x, Tensor mask) {
    requireMask("masked_select", mask);
    var shape = Broadcasting.of("masked_select", x.shape(), mask.shape());
    Tensor wide = x.expand(shape.dims());
    return IndexSelect.flat(wide, places("masked_select", wide, mask));
  }

  /** Row-major positions in x where the mask holds. */
  static long[] places(String op, Tensor x, Tensor mask) {
    requireMask(op, mask);
    if (!Broadcasting.stretches(mask.shape(), x.shape())) {
      throw new ShapeMismatchException(
          "%s: expected a mask that stretches to shape %s, got %s"
              .formatted(op, x.shape(), mask.shape()));
    }
    Kernels.sameDevice(op, x, mask);
    long[] holds = mask.expand(x.shape().dims()).toLongArray();
    return IntStream.range(0, holds.length).filter(i -> holds[i] != 0).asLongStream().toArray();
  }

  private static void requireMask(String op, Tensor mask) {
    if (mask.dtype() != DType.BOOL) {
      throw new AutogradException(
          "%s: expected a mask of dtype BOOL, got %s; convert with to(BOOL)"
              .formatted(op, mask.dtype()));
    }
  }
}
