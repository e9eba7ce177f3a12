// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Splits an axis into several: the reverse of {@link Flatten}. */
public final class Unflatten extends Module {
  private final int dim;
  private final long[] unflattenedSize;

  public Unflatten(int dim, long... unflattenedSize) {
    if (dim < 0 || unflattenedSize.length == 0) {
      throw new IllegalArgumentException(
          "Unflatten: expected a dim of 0 or more and at least one size, got %d and %s"
              .formatted(dim, Arrays.toString(unflattenedSize)));
    }
    this.dim = dim;
    this.unflattenedSize = unflattenedSize.clone();
  }

  static Unflatten fromJson(LayerArguments a) {
    return new Unflatten(a.integer("dim", 0), a.integers("unflattened_size", 1));
  }

  @Override
  public Tensor forward(Tensor x) {
    int axis = x.shape().axis(dim);
    long[] before = x.shape().dims();
    long[] dims = new long[before.length - 1 + unflattenedSize.length];
    System.arraycopy(before, 0, dims, 0, axis);
    System.arraycopy(unflattenedSize, 0, dims, axis, unflattenedSize.length);
    System.arraycopy(
        before, axis + 1, dims, axis + unflattenedSize.length, before.length - axis - 1);
    return x.reshape(dims);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("dim", dim);
    var sizes = json.putArray("unflattened_size");
    Arrays.stream(unflattenedSize).forEach(sizes::add);
  }

  @Override
  protected String arguments() {
    return Arrays.stream(unflattenedSize)
        .mapToObj(String::valueOf)
        .collect(
            Collectors.joining(
                ", ",
                "dim=" + dim + ", unflattened_size=(",
                unflattenedSize.length == 1 ? ",)" : ")"));
  }
}
