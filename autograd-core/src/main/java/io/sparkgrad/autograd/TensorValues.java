// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.Readback;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The part of {@link Tensor} that reads its elements. */
public abstract sealed class TensorValues permits ElementwiseOperations {
  final Tensor self() {
    return (Tensor) this;
  }

  /** The only element, as a double. */
  public final double item() {
    if (self().numel() != 1) {
      throw new IllegalArgumentException(
          "item: expected a tensor of one element, got shape " + self().shape());
    }
    return toDoubleArray()[0];
  }

  /** A copy of the values in row-major order. */
  public final float[] toFloatArray() {
    float[] out = new float[Math.toIntExact(self().numel())];
    self().backend().download(self().buffer(), out);
    return out;
  }

  public final double[] toDoubleArray() {
    double[] out = new double[Math.toIntExact(self().numel())];
    self().backend().download(self().buffer(), out);
    return out;
  }

  public final long[] toLongArray() {
    long[] out = new long[Math.toIntExact(self().numel())];
    self().backend().download(self().buffer(), out);
    return out;
  }

  /** Begins to copy the values of now out; they outlive the scope of the tensor. */
  public final Readback readback() {
    return self().backend().downloadLater(self().buffer());
  }

  /** Shape, type and place in the graph, and the values if they are few. */
  @Override
  public String toString() {
    Tensor t = self();
    String values =
        t.numel() > 20
            ? ""
            : Arrays.stream(toDoubleArray())
                .mapToObj(v -> String.format(Locale.ROOT, "%.6g", v))
                .collect(Collectors.joining(", ", " {", "}"));
    String history =
        t.gradFn() != null ? ", gradFn=" + t.gradFn() : t.requiresGrad() ? ", requiresGrad" : "";
    return "Tensor" + t.shape() + values + " (" + t.dtype() + history + ")";
  }
}
