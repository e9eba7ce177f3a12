// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The settings of a transformer's encoder layer.
 *
 * @param dimFeedforward the size between the two linear layers
 * @param dropout what training drops, of the attention weights too
 * @param activation {@code "relu"} or {@code "gelu"}, between the two linear layers
 * @param batchFirst whether sequences are {@code [batch, length, size]} and not {@code [length,
 *     batch, size]}
 * @param normFirst whether each branch normalises its input, or the sum behind it is normalised
 */
public record TransformerEncoderOptions(
    int dimFeedforward,
    double dropout,
    String activation,
    double layerNormEps,
    boolean batchFirst,
    boolean normFirst) {

  public static final TransformerEncoderOptions DEFAULT =
      new TransformerEncoderOptions(2048, 0.1, "relu", 1e-5, false, false);

  public TransformerEncoderOptions {
    if (!activation.equals("relu") && !activation.equals("gelu")) {
      throw new IllegalArgumentException(
          "TransformerEncoderLayer: activation has to be \"relu\" or \"gelu\", got \""
              + activation
              + "\"");
    }
  }

  public TransformerEncoderOptions withDimFeedforward(int value) {
    return new TransformerEncoderOptions(
        value, dropout, activation, layerNormEps, batchFirst, normFirst);
  }

  public TransformerEncoderOptions withDropout(double value) {
    return new TransformerEncoderOptions(
        dimFeedforward, value, activation, layerNormEps, batchFirst, normFirst);
  }

  public TransformerEncoderOptions withActivation(String value) {
    return new TransformerEncoderOptions(
        dimFeedforward, dropout, value, layerNormEps, batchFirst, normFirst);
  }

  public TransformerEncoderOptions withLayerNormEps(double value) {
    return new TransformerEncoderOptions(
        dimFeedforward, dropout, activation, value, batchFirst, normFirst);
  }

  public TransformerEncoderOptions withBatchFirst(boolean value) {
    return new TransformerEncoderOptions(
        dimFeedforward, dropout, activation, layerNormEps, value, normFirst);
  }

  public TransformerEncoderOptions withNormFirst(boolean value) {
    return new TransformerEncoderOptions(
        dimFeedforward, dropout, activation, layerNormEps, batchFirst, value);
  }

  static TransformerEncoderOptions fromJson(LayerArguments a) {
    return new TransformerEncoderOptions(
        a.integer("dim_feedforward", 1, DEFAULT.dimFeedforward),
        a.number("dropout", DEFAULT.dropout),
        a.text("activation", DEFAULT.activation),
        a.number("layer_norm_eps", DEFAULT.layerNormEps),
        a.flag("batch_first", false),
        a.flag("norm_first", false));
  }

  void describe(ObjectNode json) {
    json.put("dim_feedforward", dimFeedforward)
        .put("dropout", dropout)
        .put("activation", activation)
        .put("layer_norm_eps", layerNormEps)
        .put("batch_first", batchFirst)
        .put("norm_first", normFirst);
  }
}
