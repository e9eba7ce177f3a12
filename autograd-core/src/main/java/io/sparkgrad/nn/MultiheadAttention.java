// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code softmax(q·kᵀ/√d)·v} in several heads of size d = embed_dim/num_heads, side by side, with
 * linear maps before and behind (Vaswani et al., Attention Is All You Need, 2017). Query {@code
 * [length, batch, embed_dim]}, key and value {@code [source, batch, embed_dim]}, or all without the
 * batch, or batch first if the options say so; output as the query. Parameters {@code
 * in_proj_weight} [3·embed_dim, embed_dim], the maps of query, key and value on top of each other,
 * uniform at the start as {@link Init#xavierUniform_} says, {@code in_proj_bias} [3·embed_dim],
 * zeros, and a linear layer {@code out_proj}, its bias zeros.
 */
public final class MultiheadAttention extends Module {
  private final int embedDim;
  private final int numHeads;
  private final MultiheadAttentionOptions options;
  private final Parameter inProjWeight;
  private final @Nullable Parameter inProjBias;
  private final Linear outProj;
  private final Dropout dropout; // not a child, so always in training mode

  public MultiheadAttention(int embedDim, int numHeads) {
    this(embedDim, numHeads, MultiheadAttentionOptions.DEFAULT);
  }

  public MultiheadAttention(int embedDim, int numHeads, MultiheadAttentionOptions options) {
    if (numHeads < 1 || embedDim < 1 || embedDim % numHeads != 0) {
      throw new IllegalArgumentException(
          "MultiheadAttention: expected an embed_dim divisible by num_heads, got %d and %d"
              .formatted(embedDim, numHeads));
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.options = options;
    dropout = new Dropout(options.dropout());
    inProjWeight =
        registerParameter("in_proj_weight", new Parameter(Tensor.zeros(3L * embedDim, embedDim)));
    inProjBias =
        options.bias()
            ? registerParameter("in_proj_bias", new Parameter(Tensor.zeros(3L * embedDim)))
            : null;
    outProj = registerModule("out_proj", new Linear(embedDim, embedDim, options.bias()));
    Init.xavierUniform_(inProjWeight, Generator.current());
    if (outProj.bias() != null) {
      Init.uniform_(outProj.bias(), 0, 0, Generator.current());
    }
  }

  static MultiheadAttention fromJson(LayerArguments a) {
    return new MultiheadAttention(
        a.integer("embed_dim", 1),
        a.integer("num_heads", 1),
        MultiheadAttentionOptions.fromJson(a));
  }

  /**
   * What may not be looked at. A BOOL mask is true there; one of floating point is added to the
   * scores. A query that may look at nothing gets NaN, as in PyTorch.
   *
   * @param attention {@code [length, source]}, or {@code [batch·num_heads, length, source]}
   * @param keyPadding {@code [batch, source]}, or {@code [source]} without a batch
   */
  public record Masks(@Nullable Tensor attention, @Nullable Tensor keyPadding) {
    public static final Masks NONE = new Masks(null, null);

    /** Hides from every place what comes behind it, in sequences of this length. */
    public static Masks causal(long length) {
      Tensor square = Tensor.ones(length, length);
      return new Masks(square.sub(square.tril()).to(DType.BOOL), null);
    }

    boolean isEmpty() {
      return attention == null && keyPadding == null;
    }
  }

  /**
   * The output, and the weights with which each head looked at the source, {@code [batch,
   * num_heads, length, source]}.
   */
  public record Result(Tensor output, Tensor headWeights) {

    /** Averaged over the heads: {@code [batch, length, source]}. */
    public Tensor weights() {
      return headWeights.mean(-3);
    }
  }

  /** A sequence that looks at itself; the output alone. */
  @Override
  public Tensor forward(Tensor x) {
    return forward(x, x, x).output();
  }

  public Result forward(Tensor query, Tensor key, Tensor value) {
    return forward(query, key, value, Masks.NONE);
  }

  public Result forward(Tensor query, Tensor key, Tensor value, Masks masks) {
    requireInputs(query, key, value);
    List<Tensor> projected = projected(query, key, value);
    Tensor q = heads(projected.get(0)).mul(Math.sqrt((double) numHeads / embedDim));
    Tensor k = split(projected.get(1)).permute(0, 2, 3, 1); // transposed as well: one copy
    Tensor scores = q.matmul(k);
    Tensor weights = masked(scores, masks).softmax(-1);
    if (isTraining()) {
      weights = dropout.call(weights);
    }
    Tensor joined = weights.matmul(heads(projected.get(2))).transpose(1, 2);
    Tensor output = outProj.call(joined.reshape(joined.size(0), joined.size(1), embedDim));
    if (query.rank() == 2) {
      return new Result(output.squeeze(0), weights.squeeze(0));
    }
    return new Result(options.batchFirst() ? output : output.transpose(0, 1), weights);
  }

  /** All three through their linear maps, {@code [batch, length, embed_dim]}. */
  private List<Tensor> projected(Tensor query, Tensor key, Tensor value) {
    if (query == key && key == value) { // one product does it
      return io.sparkgrad.autograd.op.Linear.of(batchFirst(query), inProjWeight, inProjBias)
          .chunk(-1, 3);
    }
    return List.of(projected(query, 0), projected(key, 1), projected(value, 2));
  }

  private Tensor projected(Tensor x, int part) {
    long start = (long) part * embedDim;
    return io.sparkgrad.autograd.op.Linear.of(
        batchFirst(x),
        inProjWeight.narrow(0, start, embedDim),
        inProjBias == null ? null : inProjBias.narrow(0, start, embedDim));
  }

  private Tensor batchFirst(Tensor x) {
    if (x.rank() == 2) {
      return x.unsqueeze(0);
    }
    return options.batchFirst() ? x : x.transpose(0, 1);
  }

  /** {@code [batch, num_heads, length, d]}. */
  private Tensor heads(Tensor x) {
    return split(x).transpose(1, 2);
  }

  /** {@code [batch, length, num_heads, d]}. */
  private Tensor split(Tensor x) {
    return x.reshape(x.size(0), x.size(1), numHeads, embedDim / numHeads);
  }

  private Tensor masked(Tensor scores, Masks masks) {
    Tensor y = scores;
    long batch = scores.size(0);
    long length = scores.size(2);
    long source = scores.size(3);
    Tensor attention = masks.attention();
    if (attention != null) {
      boolean flat = attention.rank() == 2;
      Shape expected = flat ? Shape.of(length, source) : Shape.of(batch * numHeads, length, source);
      Tensor bias = bias("an attention mask", attention, expected, scores.dtype());
      y = y.add(flat ? bias : bias.reshape(batch, numHeads, length, source));
    }
    Tensor padding = masks.keyPadding();
    if (padding != null) {
      Shape expected =
          padding.rank() == 1 && batch == 1 ? Shape.of(source) : Shape.of(batch, source);
      Tensor bias = bias("a key padding mask", padding, expected, scores.dtype());
      y = y.add(bias.reshape(batch, 1, 1, source));
    }
    return y;
  }

  /** What the mask adds to the scores. */
  private static Tensor bias(String what, Tensor mask, Shape expected, DType dtype) {
    if (!mask.shape().equals(expected)) {
      throw new ShapeMismatchException(
          "MultiheadAttention: expected %s of shape %s, got %s"
              .formatted(what, expected, mask.shape()));
    }
    if (mask.dtype() == DType.BOOL) {
      Tensor zeros = Tensor.zeros(mask.shape(), dtype, mask.backend());
      return zeros.maskedFill(mask, Double.NEGATIVE_INFINITY);
    }
    if (!mask.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "MultiheadAttention: expected %s of dtype BOOL or of floating point, got %s"
              .formatted(what, mask.dtype()));
    }
    return mask.to(dtype);
  }

  private void requireInputs(Tensor query, Tensor key, Tensor value) {
    boolean ranks = (query.rank() == 2 || query.rank() == 3) && key.rank() == query.rank();
    boolean fits = ranks && key.shape().equals(value.shape());
    fits = fits && query.size(-1) == embedDim && key.size(-1) == embedDim;
    if (fits && query.rank() == 3) {
      int batchAxis = options.batchFirst() ? 0 : 1;
      fits = query.size(batchAxis) == key.size(batchAxis);
    }
    if (!fits) {
      throw new ShapeMismatchException(
          "MultiheadAttention: expected a query, and a key and a value of equal shape, %s, or without the batch, got %s, %s and %s"
              .formatted(
                  (options.batchFirst() ? "[batch, length, %d]" : "[length, batch, %d]")
                      .formatted(embedDim),
                  query.shape(),
                  key.shape(),
                  value.shape()));
    }
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("embed_dim", embedDim).put("num_heads", numHeads);
    options.describe(json);
  }
}
