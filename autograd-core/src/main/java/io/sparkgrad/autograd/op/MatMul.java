// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products, batched over leading axes, which broadcast; vectors act as a row on the left and
 * as a column on the right. Saves each operand only if the other wants a gradient.
 */
public final class MatMul {
  private MatMul() {}

  public static Tensor of(Tensor a, Tensor b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw mismatch(a.shape(), b.shape());
    }
    DType dtype = Kernels.promoted(a, b);
    Tensor left = a.rank() == 1 ? a.reshape(1, -1) : a;
    Tensor right = b.rank() == 1 ? b.reshape(-1, 1) : b;
    Tensor y = product(left.to(dtype), false, right.to(dtype), false);
    if (a.rank() > 1 && b.rank() > 1) {
      return y;
    }
    boolean[] drop = new boolean[y.rank()];
    drop[y.rank() - 2] = a.rank() == 1;
    drop[y.rank() - 1] = b.rank() == 1;
    return Reshape.fresh(y, y.shape().reduced(drop, false).dims());
  }

  /**
   * {@code op(a)·op(b)} for operands of rank 2 or more, with {@code op} a transpose of the last two
   * axes or nothing.
   */
  static Tensor product(Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
    Kernels.together("matmul", a, b);
    long m = a.size(transposeA ? -1 : -2);
    long k = a.size(transposeA ? -2 : -1);
    long n = b.size(transposeB ? -2 : -1);
    if (b.size(transposeB ? -1 : -2) != k) {
      throw mismatch(a.shape(), b.shape());
    }
    Shape batchA = batch(a);
    Shape batchB = batch(b);
    Shape batch = Broadcasting.of("matmul", batchA, batchB);
    Tensor left = spread(a, batchA, batch);
    Tensor right = spread(b, batchB, batch);
    long[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
    dims[dims.length - 2] = m;
    dims[dims.length - 1] = n;
    Tensor y = Tensor.zeros(Shape.of(dims), a.dtype(), a.backend());
    var geometry =
        new MatmulGeometry(
            Math.toIntExact(batch.numel()),
            Math.toIntExact(m),
            Math.toIntExact(n),
            Math.toIntExact(k),
            transposeA,
            transposeB,
            left.rank() == 2,
            right.rank() == 2);
    y.backend().matmul(geometry, left.buffer(), right.buffer(), y.buffer());
    return Tape.record(
        "MatMul",
        y,
        new Tensor[] {left, right},
        saver ->
            new Gradient(
                saver.saveIf(saver.needs(1), left),
                transposeA,
                saver.saveIf(saver.needs(0), right),
                transposeB));
  }

  /**
   * With {@code C = A·B}: {@code ∂A = G·Bᵀ} and {@code ∂B = Aᵀ·G}, transposed where the operand
   * was.
   */
  private record Gradient(
      @Nullable SavedTensor a, boolean transposeA, @Nullable SavedTensor b, boolean transposeB)
      implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      return grads(
          needs.input(0) && b != null ? left(g, b.get()) : null,
          needs.input(1) && a != null ? right(g, a.get()) : null);
    }

    private Tensor left(Tensor g, Tensor right) {
      return transposeA
          ? product(right, transposeB, g, true)
          : product(g, false, right, !transposeB);
    }

    private Tensor right(Tensor g, Tensor left) {
      return transposeB ? product(g, true, left, transposeA) : product(left, !transposeA, g, false);
    }
  }

  private static Shape batch(Tensor t) {
    return Shape.of(Arrays.copyOf(t.shape().dims(), t.rank() - 2));
  }

  /** Copies a batch that broadcasting stretches; a plain matrix serves any batch as it is. */
  private static Tensor spread(Tensor t, Shape own, Shape batch) {
    if (own.equals(batch) || t.rank() == 2) {
      return t;
    }
    long[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
    dims[dims.length - 2] = t.size(-2);
    dims[dims.length - 1] = t.size(-1);
    return t.expand(dims);
  }

  private static ShapeMismatchException mismatch(Shape a, Shape b) {
    return new ShapeMismatchException(
        "matmul: expected the last axis of the left to equal the next to last of the right, got %s and %s"
            .formatted(a, b));
  }
}
