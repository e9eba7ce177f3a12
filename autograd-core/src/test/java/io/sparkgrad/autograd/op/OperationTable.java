// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static io.sparkgrad.autograd.op.OpChecks.t;
import static io.sparkgrad.autograd.op.OpChecks.v;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Every operation as a function of one FLOAT64 matrix of 2 rows and 3 columns, under its name; what
 * follows a space in the name tells variants apart.
 */
final class OperationTable {
  private OperationTable() {}

  private static final Tensor OTHER = t(new double[] {2, 3, 0.5, 1, 0.25, 4}, 2, 3);
  private static final Tensor MASK = Tensor.of(new long[] {0, 1, 1}).to(DType.BOOL);
  private static final Tensor PLACES = Tensor.of(new long[] {1, 0});
  private static final Tensor INDEX = Tensor.of(new long[] {1, 0, 0, 1}, 2, 2);

  static final Map<String, UnaryOperator<Tensor>> ALL = new LinkedHashMap<>();

  static {
    elementwise(ALL);
    functions(ALL);
    activations(ALL);
    reductions(ALL);
    arrangements(ALL);
    picks(ALL);
    products(ALL);
    layers(ALL);
  }

  private static void elementwise(Map<String, UnaryOperator<Tensor>> table) {
    table.put("add", x -> x.add(OTHER));
    table.put("add number", x -> x.add(2));
    table.put("add scaled", x -> x.add(OTHER, 2));
    table.put("sub", x -> x.sub(OTHER));
    table.put("sub scaled", x -> x.sub(OTHER, 2));
    table.put("mul", x -> x.mul(OTHER));
    table.put("mul number", x -> x.mul(2));
    table.put("div", x -> x.div(OTHER));
    table.put("div number", x -> x.div(2));
    table.put("neg", Tensor::neg);
    table.put("reciprocal", Tensor::reciprocal);
    table.put("pow", x -> x.pow(3));
    table.put("pow tensor", x -> x.pow(OTHER));
    table.put("square", Tensor::square);
    table.put("maximum", x -> x.maximum(OTHER));
    table.put("minimum", x -> x.minimum(OTHER));
    table.put("clamp", x -> x.clamp(0.3, 1));
    table.put("clamp tensors", x -> x.clamp(OTHER, OTHER.add(1)));
    table.put("clampMin", x -> x.clampMin(1));
    table.put("clampMin tensor", x -> x.clampMin(OTHER));
    table.put("clampMax", x -> x.clampMax(1));
    table.put("clampMax tensor", x -> x.clampMax(OTHER));
    table.put("gt", x -> x.gt(OTHER).add(x));
    table.put("eq", x -> x.eq(OTHER).add(x));
  }

  private static void functions(Map<String, UnaryOperator<Tensor>> table) {
    table.put("abs", Tensor::abs);
    table.put("sign", Tensor::sign);
    table.put("floor", Tensor::floor);
    table.put("ceil", Tensor::ceil);
    table.put("round", Tensor::round);
    table.put("trunc", Tensor::trunc);
    table.put("exp", Tensor::exp);
    table.put("expm1", Tensor::expm1);
    table.put("log", Tensor::log);
    table.put("log1p", Tensor::log1p);
    table.put("log2", Tensor::log2);
    table.put("log10", Tensor::log10);
    table.put("sqrt", Tensor::sqrt);
    table.put("rsqrt", Tensor::rsqrt);
    table.put("sin", Tensor::sin);
    table.put("cos", Tensor::cos);
    table.put("tan", Tensor::tan);
    table.put("erf", Tensor::erf);
    table.put("atan2", x -> x.atan2(OTHER));
    table.put("lerp", x -> x.lerp(OTHER, 0.25));
    table.put("lerp tensor", x -> x.lerp(OTHER, OTHER));
    table.put("copy", Tensor::copy);
    table.put("cast", x -> x.to(DType.FLOAT32));
    table.put("where", x -> Where.of(MASK, x, OTHER));
    table.put("masked", x -> Where.masked(x, OTHER));
  }

  private static void activations(Map<String, UnaryOperator<Tensor>> table) {
    table.put("relu", Tensor::relu);
    table.put("relu6", Tensor::relu6);
    table.put("sigmoid", Tensor::sigmoid);
    table.put("logSigmoid", Tensor::logSigmoid);
    table.put("tanh", Tensor::tanh);
    table.put("leakyRelu", x -> x.leakyRelu(0.1));
    table.put("elu", x -> x.elu(1));
    table.put("gelu", Tensor::gelu);
    table.put("geluTanh", Tensor::geluTanh);
    table.put("silu", Tensor::silu);
    table.put("softplus", Tensor::softplus);
    table.put("softplus scaled", x -> x.softplus(2, 20));
    table.put("hardtanh", x -> x.hardtanh(-1, 1));
    table.put("hardsigmoid", Tensor::hardsigmoid);
    table.put("hardswish", Tensor::hardswish);
    table.put("softmax", x -> x.softmax(1));
    table.put("logSoftmax", x -> x.logSoftmax(1));
    table.put("dropout", OperationTable::dropout);
  }

  /** With the same mask every time. */
  private static Tensor dropout(Tensor x) {
    Generator.current().manualSeed(1);
    return x.dropout(0.5, true);
  }

  private static void reductions(Map<String, UnaryOperator<Tensor>> table) {
    table.put("sum", x -> x.sum(0));
    table.put("sum kept", x -> x.sum(true, 0));
    table.put("sumTo", x -> x.sumTo(Shape.of(1, 3)));
    table.put("sumTo fewer axes", x -> x.sumTo(Shape.of(3)));
    table.put("mean", x -> x.mean(1));
    table.put("mean kept", x -> x.mean(true, 1));
    table.put("max", Tensor::max);
    table.put("min", Tensor::min);
    table.put("max axis", x -> x.max(0).values());
    table.put("max kept", x -> x.max(0, true).values());
    table.put("min axis", x -> x.min(1).values());
    table.put("min kept", x -> x.min(1, true).values());
    table.put("amax", x -> x.amax(1));
    table.put("amax kept", x -> x.amax(true, 1));
    table.put("amin", x -> x.amin(1));
    table.put("amin kept", x -> x.amin(true, 1));
    table.put("prod", x -> x.prod(0));
    table.put("prod kept", x -> x.prod(true, 0));
    table.put("logSumExp", x -> x.logSumExp(1));
    table.put("logSumExp kept", x -> x.logSumExp(true, 1));
    table.put("norm", Tensor::norm);
    table.put("norm axis", x -> x.norm(3, 1));
    table.put("norm kept", x -> x.norm(1, true, 1));
    table.put("norm of infinity", x -> x.norm(Double.POSITIVE_INFINITY, 1));
    table.put("var", x -> x.var(1));
    table.put("var kept", x -> x.var(0, true, 1));
    table.put("std", x -> x.std(1));
    table.put("std kept", x -> x.std(0, true, 1));
    table.put("cumsum", x -> x.cumsum(1));
    table.put("cumprod", x -> x.cumprod(1));
  }

  private static void arrangements(Map<String, UnaryOperator<Tensor>> table) {
    table.put("t", Tensor::t);
    table.put("transpose", x -> x.transpose(0, 1));
    table.put("permute", x -> x.permute(1, 0));
    table.put("expand", x -> x.expand(2, 2, 3));
    table.put("repeat", x -> x.repeat(2, 1, 2));
    table.put("repeat once", x -> x.repeat(1, 1, 1));
    table.put("flip", x -> x.flip(1));
    table.put("diagonal", Tensor::diagonal);
    table.put("diag", x -> x.select(0, 0).diag());
    table.put("tril", Tensor::tril);
    table.put("triu", Tensor::triu);
    table.put("cat", x -> Concat.of(List.of(x, OTHER), 0));
    table.put("cat of one", x -> Concat.of(List.of(x), 0));
    table.put("stack", x -> Stack.of(List.of(x, OTHER), 1));
    table.put("pad", x -> Pad.of(x, 5, 1, 1));
    table.put("pad by nothing", x -> Pad.of(x, 5, 0, 0));
    table.put("pad reflecting", x -> Pad.reflect(x, 1, 1));
    table.put("pad replicating", x -> Pad.replicate(x, 1, 1));
  }

  private static void picks(Map<String, UnaryOperator<Tensor>> table) {
    table.put("narrow", x -> x.narrow(1, 1, 2));
    table.put("narrow to all", x -> x.narrow(1, 0, 3));
    table.put("slice", x -> x.slice(1, 0, 3, 2));
    table.put("select", x -> x.select(1, -1));
    table.put("split", x -> x.split(1, 1, 2).get(1));
    table.put("split to one", x -> x.split(1, 3).get(0));
    table.put("chunk", x -> x.chunk(0, 2).get(1));
    table.put("unbind", x -> x.unbind(0).get(1));
    table.put("indexSelect", x -> x.indexSelect(0, PLACES));
    table.put("indexSelect of columns", x -> x.indexSelect(1, PLACES));
    table.put("gather", x -> x.gather(1, INDEX));
    table.put("scatter", x -> x.scatter(1, INDEX, OTHER));
    table.put("scatter into", x -> OTHER.scatter(1, INDEX, x));
    table.put("scatterAdd", x -> OTHER.scatterAdd(1, INDEX, x));
    table.put("index", x -> x.index(PLACES));
    table.put("index of pairs", x -> x.index(PLACES, PLACES));
    table.put("index by mask", x -> Index.of(x, Arrays.asList(null, MASK)));
    table.put("index_put", x -> Index.put(x, List.of(PLACES), OTHER, false));
    table.put("index_put adding", x -> Index.put(x, List.of(PLACES), OTHER, true));
    table.put("maskedFill", x -> x.maskedFill(MASK, 7));
    table.put("maskedSelect", x -> x.maskedSelect(MASK));
    table.put("sort", x -> x.sort(1, true).values());
    table.put("topk", x -> x.topk(2, 1).values());
    table.put("embedding", x -> Embedding.of(x, INDEX, Embedding.NO_PADDING));
  }

  private static void products(Map<String, UnaryOperator<Tensor>> table) {
    table.put("matmul", x -> x.matmul(OTHER.t()));
    table.put("matmul vector", x -> x.matmul(v(1, 2, 3)));
    table.put("matmul of a vector", x -> v(1, 2).matmul(x));
    table.put("bmm", x -> x.reshape(1, 2, 3).bmm(OTHER.reshape(1, 3, 2)));
    table.put("mv", x -> x.mv(v(1, 2, 3)));
    table.put("dot", x -> x.select(0, 1).dot(v(1, 2, 3)));
    table.put("outer", x -> x.select(0, 1).outer(v(1, 2)));
    table.put(
        "addmm",
        x ->
            Products.addmm(x, t(new double[] {1, 2}, 2, 1), t(new double[] {1, 2, 3}, 1, 3), 1, 1));
    table.put("linear", x -> Linear.of(x, OTHER, v(1, 2)));
  }

  private static void layers(Map<String, UnaryOperator<Tensor>> table) {
    UnaryOperator<Tensor> image = x -> x.reshape(1, 1, 2, 3);
    table.put(
        "conv1d",
        x -> Conv1d.of(x.reshape(1, 2, 3), OTHER.reshape(1, 2, 3), null, Conv2dOptions.DEFAULT));
    table.put(
        "conv2d", x -> Conv2d.of(image.apply(x), image.apply(OTHER), null, Conv2dOptions.DEFAULT));
    table.put(
        "conv_transpose2d",
        x ->
            ConvTranspose2d.of(
                image.apply(x), image.apply(OTHER), null, Conv2dOptions.DEFAULT, 0, 0));
    table.put("max_pool2d", x -> MaxPool2d.of(image.apply(x), 2, 1, 0));
    table.put("avg_pool2d", x -> AvgPool2d.of(image.apply(x), Pool2dOptions.of(1), true));
    table.put("adaptive_avg_pool2d", x -> AdaptiveAvgPool2d.of(image.apply(x), 1, 3));
    table.put("adaptive_avg_pool2d to all", x -> AdaptiveAvgPool2d.of(image.apply(x), 2, 3));
    table.put("adaptive_avg_pool2d uneven", x -> AdaptiveAvgPool2d.of(image.apply(x), 2, 2));
    table.put("layer_norm", x -> LayerNorm.of(x, Shape.of(3), null, null, 1e-5));
    table.put("group_norm", x -> GroupNorm.of(x.reshape(1, 2, 3), 1, null, null, 1e-5));
    table.put("batch_norm", x -> BatchNorm.of(x, null, null, 1e-5, null, 0));
    table.put("cross_entropy", x -> CrossEntropy.of(x, new long[] {2, 0}, v(1, 2, 3), 0.1));
    table.put("binary_cross_entropy", x -> BinaryCrossEntropy.of(x.sigmoid(), OTHER.gt(v(1))));
  }
}
