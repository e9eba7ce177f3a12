// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.libtorch;

import io.sparkgrad.examples.bench.LayerOperations;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The layers as functions of {@code torch}. */
final class LibtorchLayers implements LayerOperations<Tensor> {
  private static final TensorOptional NONE = new TensorOptional();
  private static final long[] ONE = {1, 1};

  private static TensorOptional optional(@Nullable Tensor t) {
    return t == null ? NONE : new TensorOptional(t);
  }

  private static long[] pair(int value) {
    return new long[] {value, value};
  }

  @Override
  public UnaryOperator<Tensor> conv2d(Tensor weight, @Nullable Tensor bias, Window window) {
    TensorOptional b = optional(bias);
    long[] stride = pair(window.stride());
    long[] padding = pair(window.padding());
    return x -> torch.conv2d(x, weight, b, stride, padding, ONE, window.groups());
  }

  @Override
  public UnaryOperator<Tensor> linear(Tensor weight, @Nullable Tensor bias) {
    TensorOptional b = optional(bias);
    return x -> torch.linear(x, weight, b);
  }

  @Override
  public UnaryOperator<Tensor> maxPool2d(Window window) {
    long[] kernel = pair(window.kernel());
    long[] stride = pair(window.stride());
    long[] padding = pair(window.padding());
    return x -> torch.max_pool2d(x, kernel, stride, padding, ONE, false);
  }

  @Override
  public UnaryOperator<Tensor> batchNorm(Norm<Tensor> norm, boolean training) {
    TensorOptional weight = optional(norm.weight());
    TensorOptional bias = optional(norm.bias());
    TensorOptional mean = optional(norm.mean());
    TensorOptional variance = optional(norm.variance());
    double momentum = norm.momentum();
    double eps = norm.eps();
    return x -> torch.batch_norm(x, weight, bias, mean, variance, training, momentum, eps, false);
  }

  @Override
  public UnaryOperator<Tensor> layerNorm(Tensor weight, Tensor bias, double eps) {
    TensorOptional w = optional(weight);
    TensorOptional b = optional(bias);
    long[] shape = {weight.numel()};
    return x -> torch.layer_norm(x, shape, w, b, eps, false);
  }

  /** Through the fused kernel, as PyTorch's own layer does when nobody asks for the weights. */
  @Override
  public UnaryOperator<Tensor> attention(Attention<Tensor> attention) {
    UnaryOperator<Tensor> in = linear(attention.inWeight(), attention.inBias());
    UnaryOperator<Tensor> out = linear(attention.outWeight(), attention.outBias());
    DoubleOptional scale = new DoubleOptional();
    return x -> {
      TensorVector parts = in.apply(x).chunk(3, -1);
      Tensor q = heads(parts.get(0), attention.heads());
      Tensor k = heads(parts.get(1), attention.heads());
      Tensor v = heads(parts.get(2), attention.heads());
      Tensor y = torch.scaled_dot_product_attention(q, k, v, NONE, 0, false, scale, false);
      return out.apply(y.transpose(1, 2).flatten(2, 3));
    };
  }

  private static Tensor heads(Tensor x, int heads) {
    return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
  }

  @Override
  public Tensor relu(Tensor x) {
    return torch.relu(x);
  }

  @Override
  public Tensor add(Tensor a, Tensor b) {
    return a.add(b);
  }

  @Override
  public Tensor flatten(Tensor x) {
    return torch.flatten(x, 1, -1);
  }

  @Override
  public Tensor globalAvgPool2d(Tensor x) {
    return torch.adaptive_avg_pool2d(x, 1, 1);
  }
}
