// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The settings of a recurrent layer.
 *
 * @param numLayers layers on top of each other, each reading the one below
 * @param batchFirst whether sequences are {@code [batch, time, size]} and not {@code [time, batch,
 *     size]}; states are {@code [layers, batch, size]} in any case
 * @param dropout what training drops of each layer's output but the last's
 * @param bidirectional whether each layer also reads from the end, its outputs joined
 */
public record RecurrentOptions(
    int numLayers, boolean bias, boolean batchFirst, double dropout, boolean bidirectional) {

  public static final RecurrentOptions DEFAULT = new RecurrentOptions(1, true, false, 0, false);

  public RecurrentOptions {
    if (numLayers < 1) {
      throw new IllegalArgumentException(
          "recurrent layer: expected a num_layers of 1 or more, got " + numLayers);
    }
    if (!(dropout >= 0 && dropout <= 1)) {
      throw new IllegalArgumentException(
          "recurrent layer: dropout has to be between 0 and 1, got " + dropout);
    }
  }

  public RecurrentOptions withNumLayers(int value) {
    return new RecurrentOptions(value, bias, batchFirst, dropout, bidirectional);
  }

  public RecurrentOptions withBias(boolean value) {
    return new RecurrentOptions(numLayers, value, batchFirst, dropout, bidirectional);
  }

  public RecurrentOptions withBatchFirst(boolean value) {
    return new RecurrentOptions(numLayers, bias, value, dropout, bidirectional);
  }

  public RecurrentOptions withDropout(double value) {
    return new RecurrentOptions(numLayers, bias, batchFirst, value, bidirectional);
  }

  public RecurrentOptions withBidirectional(boolean value) {
    return new RecurrentOptions(numLayers, bias, batchFirst, dropout, value);
  }

  static RecurrentOptions fromJson(LayerArguments a) {
    return new RecurrentOptions(
        a.integer("num_layers", 1, 1),
        a.flag("bias", true),
        a.flag("batch_first", false),
        a.number("dropout", 0),
        a.flag("bidirectional", false));
  }

  void describe(ObjectNode json) {
    json.put("num_layers", numLayers)
        .put("bias", bias)
        .put("batch_first", batchFirst)
        .put("dropout", dropout)
        .put("bidirectional", bidirectional);
  }

  int directions() {
    return bidirectional ? 2 : 1;
  }

  /** What differs from the default, as PyTorch prints it. */
  String arguments() {
    return (numLayers == 1 ? "" : ", num_layers=" + numLayers)
        + (bias ? "" : ", bias=False")
        + (batchFirst ? ", batch_first=True" : "")
        + (dropout == 0 ? "" : ", dropout=" + LayerArguments.text(dropout))
        + (bidirectional ? ", bidirectional=True" : "");
  }
}
