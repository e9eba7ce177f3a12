// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x·Wᵀ + b}: input {@code [..., in_features]}, output {@code [..., out_features]}.
 * Parameters {@code weight} [out, in] and {@code bias} [out], both uniform in {@code ±1/√in} at the
 * start.
 */
public final class Linear extends Module {
  private final int inFeatures;
  private final int outFeatures;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, true);
  }

  public Linear(int inFeatures, int outFeatures, boolean bias) {
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = registerParameter("weight", new Parameter(Tensor.zeros(outFeatures, inFeatures)));
    Init.kaimingUniform_(weight, Math.sqrt(5), Generator.current());
    this.bias = bias ? registerParameter("bias", new Parameter(Tensor.zeros(outFeatures))) : null;
    if (this.bias != null) {
      Init.bias_(this.bias, weight.shape(), Generator.current());
    }
  }

  static Linear fromJson(LayerArguments a) {
    return new Linear(
        a.integer("in_features", 1), a.integer("out_features", 1), a.flag("bias", true));
  }

  public Parameter weight() {
    return weight;
  }

  /** Null if the layer has none. */
  public @Nullable Parameter bias() {
    return bias;
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.Linear.of(x, weight, bias);
  }

  /** The relu of {@link #forward}, in one kernel. */
  Tensor relu(Tensor x) {
    return io.sparkgrad.autograd.op.Linear.relu(x, weight, bias);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("in_features", inFeatures).put("out_features", outFeatures).put("bias", bias != null);
  }

  @Override
  protected String arguments() {
    return "in_features=%d, out_features=%d, bias=%s"
        .formatted(inFeatures, outFeatures, bias != null ? "True" : "False");
  }
}
