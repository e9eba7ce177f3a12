// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Normalises the last axes of each sample: input {@code [..., normalized_shape]}. Parameters {@code
 * weight} (ones) and {@code bias} (zeros) of that shape.
 */
public final class LayerNorm extends Module {
  private final Shape normalizedShape;
  private final double eps;
  private final @Nullable Parameter weight;
  private final @Nullable Parameter bias;

  public LayerNorm(long... normalizedShape) {
    this(Shape.of(normalizedShape), 1e-5, true);
  }

  public LayerNorm(Shape normalizedShape, double eps, boolean elementwiseAffine) {
    this.normalizedShape = normalizedShape;
    this.eps = eps;
    long[] dims = normalizedShape.dims();
    weight =
        elementwiseAffine ? registerParameter("weight", new Parameter(Tensor.ones(dims))) : null;
    bias = elementwiseAffine ? registerParameter("bias", new Parameter(Tensor.zeros(dims))) : null;
  }

  static LayerNorm fromJson(LayerArguments a) {
    return new LayerNorm(
        Shape.of(a.integers("normalized_shape", 1)),
        a.number("eps", 1e-5),
        a.flag("elementwise_affine", true));
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.LayerNorm.of(x, normalizedShape, weight, bias, eps);
  }

  @Override
  protected void describe(ObjectNode json) {
    var sizes = json.putArray("normalized_shape");
    Arrays.stream(normalizedShape.dims()).forEach(sizes::add);
    json.put("eps", eps).put("elementwise_affine", weight != null);
  }

  @Override
  protected String arguments() {
    String sizes =
        Arrays.stream(normalizedShape.dims())
            .mapToObj(String::valueOf)
            .collect(Collectors.joining(", "));
    return "(%s%s), eps=%s, elementwise_affine=%s"
        .formatted(
            sizes,
            normalizedShape.rank() == 1 ? "," : "",
            LayerArguments.text(eps),
            weight != null ? "True" : "False");
  }
}
