// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A table of vectors by number: input INT64 of any shape, output that shape with embedding_dim
 * behind. Parameter {@code weight} [num_embeddings, embedding_dim], standard normal at the start;
 * the row {@code padding_idx}, if there is one, starts as zeros and is never trained.
 */
public final class Embedding extends Module {
  private final Parameter weight;
  private final @Nullable Integer paddingIdx;

  public Embedding(int numEmbeddings, int embeddingDim) {
    this(numEmbeddings, embeddingDim, null);
  }

  /** A negative {@code paddingIdx} counts from the end. */
  public Embedding(int numEmbeddings, int embeddingDim, @Nullable Integer paddingIdx) {
    this(
        new Parameter(Tensor.zeros(numEmbeddings, embeddingDim)),
        checked(numEmbeddings, paddingIdx));
    Init.normal_(weight, 0, 1, Generator.current());
    if (this.paddingIdx != null) {
      zeroRow(this.paddingIdx);
    }
  }

  private Embedding(Parameter weight, @Nullable Integer paddingIdx) {
    this.weight = registerParameter("weight", weight);
    this.paddingIdx = paddingIdx;
  }

  /** Around this table [rows, size], frozen. */
  public static Embedding fromPretrained(Tensor embeddings) {
    return fromPretrained(embeddings, true);
  }

  public static Embedding fromPretrained(Tensor embeddings, boolean freeze) {
    if (embeddings.rank() != 2) {
      throw new IllegalArgumentException(
          "Embedding: expected embeddings [rows, size], got shape " + embeddings.shape());
    }
    return new Embedding(new Parameter(embeddings.detach(), !freeze), null);
  }

  static Embedding fromJson(LayerArguments a) {
    var padding = a.json().path("padding_idx");
    return new Embedding(
        a.integer("num_embeddings", 1),
        a.integer("embedding_dim", 1),
        padding.isMissingNode() || padding.isNull() ? null : (Integer) a.integer("padding_idx", 0));
  }

  public Parameter weight() {
    return weight;
  }

  private static @Nullable Integer checked(int rows, @Nullable Integer paddingIdx) {
    if (paddingIdx == null) {
      return null;
    }
    if (paddingIdx < -rows || paddingIdx >= rows) {
      throw new IllegalArgumentException(
          "Embedding: expected a padding_idx within num_embeddings %d, got %d"
              .formatted(rows, paddingIdx));
    }
    return paddingIdx < 0 ? (Integer) (paddingIdx + rows) : paddingIdx;
  }

  private void zeroRow(int row) {
    double[] values = weight.toDoubleArray();
    int size = (int) weight.size(1);
    Arrays.fill(values, row * size, (row + 1) * size, 0);
    weight.backend().upload(values, weight.buffer());
  }

  @Override
  public Tensor forward(Tensor x) {
    return io.sparkgrad.autograd.op.Embedding.of(
        weight,
        x,
        paddingIdx == null ? io.sparkgrad.autograd.op.Embedding.NO_PADDING : (long) paddingIdx);
  }

  @Override
  protected void describe(ObjectNode json) {
    json.put("num_embeddings", weight.size(0))
        .put("embedding_dim", weight.size(1))
        .put("padding_idx", paddingIdx);
  }

  @Override
  protected String arguments() {
    return "%d, %d%s"
        .formatted(
            weight.size(0),
            weight.size(1),
            paddingIdx == null ? "" : ", padding_idx=" + paddingIdx);
  }
}
