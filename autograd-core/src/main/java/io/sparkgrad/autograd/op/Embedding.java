// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.Backward.grads;

import io.sparkgrad.autograd.Backward;
import io.sparkgrad.autograd.SavedTensor;
import io.sparkgrad.autograd.Tape;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of a table by number. Saves the numbers only. */
public final class Embedding {
  /** For {@code paddingIdx}: every row is trained. */
  public static final long NO_PADDING = -1;

  private Embedding() {}

  /**
   * {@code y[...] = weight[indices[...]]}.
   *
   * @param weight {@code [rows, size]}
   * @param indices INT64 of any shape
   * @param paddingIdx the row that receives no gradient, or {@link #NO_PADDING}
   */
  public static Tensor of(Tensor weight, Tensor indices, long paddingIdx) {
    if (weight.rank() != 2 || indices.dtype() != DType.INT64) {
      throw new ShapeMismatchException(
          "embedding: expected a weight [rows, size] and INT64 indices, got %s and %s %s"
              .formatted(weight.shape(), indices.dtype(), indices.shape()));
    }
    Kernels.sameDevice("embedding", weight, indices);
    long rows = weight.size(0);
    long[] numbers = indices.toLongArray();
    for (long number : numbers) {
      if (number < 0 || number >= rows) {
        throw new IndexOutOfBoundsException(
            "embedding: index %d is out of bounds for %d rows".formatted(number, rows));
      }
    }
    long[] dims = Arrays.copyOf(indices.shape().dims(), indices.rank() + 1);
    dims[indices.rank()] = weight.size(1);
    Tensor y = Tensor.zeros(Shape.of(dims), weight.dtype(), weight.backend());
    weight.backend().gatherRows(weight.buffer(), weight.size(1), indices.buffer(), y.buffer());
    return Tape.record(
        "Embedding",
        y,
        new Tensor[] {weight},
        saver -> new Gradient(saver.save(indices), paddingIdx, rows));
  }

  private record Gradient(SavedTensor indices, long paddingIdx, long rows) implements Backward {
    @Override
    public @Nullable Tensor[] backward(Tensor g, Needs needs) {
      Tensor numbers = indices.get().reshape(-1);
      Tensor flat = g.reshape(numbers.numel(), g.size(-1));
      if (paddingIdx == NO_PADDING) {
        return grads(IndexSelect.add(flat, numbers, rows));
      }
      long[] all = numbers.toLongArray();
      long[] trained =
          IntStream.range(0, all.length).filter(i -> all[i] != paddingIdx).asLongStream().toArray();
      Tensor kept = IndexSelect.indices(trained, g);
      return grads(
          IndexSelect.add(IndexSelect.of(flat, kept), IndexSelect.of(numbers, kept), rows));
    }
  }
}
