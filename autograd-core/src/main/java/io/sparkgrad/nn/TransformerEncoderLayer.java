// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;

/**
 * Attention of a sequence to itself, then two linear layers with an activation between them, each
 * beside a shortcut with a layer norm. Input and output {@code [length, batch, d_model]}, or
 * without the batch, or batch first if the options say so. Children {@code self_attn}, {@code
 * linear1}, {@code linear2}, {@code norm1}, {@code norm2} and the dropouts; a mask makes the
 * attention a call with several arguments, around which hooks do not run.
 */
public final class TransformerEncoderLayer extends Module {
  private final int dModel;
  private final int nhead;
  private final TransformerEncoderOptions options;
  private final MultiheadAttention selfAttn;
  private final Linear linear1;
  private final Dropout dropout;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final Dropout dropout1;
  private final Dropout dropout2;

  public TransformerEncoderLayer(int dModel, int nhead) {
    this(dModel, nhead, TransformerEncoderOptions.DEFAULT);
  }

  public TransformerEncoderLayer(int dModel, int nhead, TransformerEncoderOptions options) {
    this.dModel = dModel;
    this.nhead = nhead;
    this.options = options;
    double p = options.dropout();
    var attention = new MultiheadAttentionOptions(p, true, options.batchFirst());
    selfAttn = registerModule("self_attn", new MultiheadAttention(dModel, nhead, attention));
    linear1 = registerModule("linear1", new Linear(dModel, options.dimFeedforward()));
    dropout = registerModule("dropout", new Dropout(p));
    linear2 = registerModule("linear2", new Linear(options.dimFeedforward(), dModel));
    norm1 = registerModule("norm1", norm());
    norm2 = registerModule("norm2", norm());
    dropout1 = registerModule("dropout1", new Dropout(p));
    dropout2 = registerModule("dropout2", new Dropout(p));
  }

  private LayerNorm norm() {
    return new LayerNorm(Shape.of(dModel), options.layerNormEps(), true);
  }

  static TransformerEncoderLayer fromJson(LayerArguments a) {
    return new TransformerEncoderLayer(
        a.integer("d_model", 1), a.integer("nhead", 1), TransformerEncoderOptions.fromJson(a));
  }

  @Override
  public Tensor forward(Tensor x) {
    return forward(x, MultiheadAttention.Masks.NONE);
  }

  public Tensor forward(Tensor x, MultiheadAttention.Masks masks) {
    if (options.normFirst()) {
      Tensor y = x.add(attention(norm1.call(x), masks));
      return y.add(feedForward(norm2.call(y)));
    }
    Tensor y = norm1.call(x.add(attention(x, masks)));
    return norm2.call(y.add(feedForward(y)));
  }

  private Tensor attention(Tensor x, MultiheadAttention.Masks masks) {
    return dropout1.call(
        masks.isEmpty() ? selfAttn.call(x) : selfAttn.forward(x, x, x, masks).output());
  }

  private Tensor feedForward(Tensor x) {
    Tensor active =
        options.activation().equals("gelu") ? linear1.call(x).gelu() : Fusion.relu(x, linear1);
    return dropout2.call(linear2.call(dropout.call(active)));
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("d_model", dModel).put("nhead", nhead);
    options.describe(json);
  }
}
