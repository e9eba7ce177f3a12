// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The settings of an attention layer.
 *
 * @param dropout what training drops of the attention weights
 * @param batchFirst whether sequences are {@code [batch, length, size]} and not {@code [length,
 *     batch, size]}
 */
public record MultiheadAttentionOptions(double dropout, boolean bias, boolean batchFirst) {

  public static final MultiheadAttentionOptions DEFAULT =
      new MultiheadAttentionOptions(0, true, false);

  public MultiheadAttentionOptions withDropout(double value) {
    return new MultiheadAttentionOptions(value, bias, batchFirst);
  }

  public MultiheadAttentionOptions withBias(boolean value) {
    return new MultiheadAttentionOptions(dropout, value, batchFirst);
  }

  public MultiheadAttentionOptions withBatchFirst(boolean value) {
    return new MultiheadAttentionOptions(dropout, bias, value);
  }

  static MultiheadAttentionOptions fromJson(LayerArguments a) {
    return new MultiheadAttentionOptions(
        a.number("dropout", 0), a.flag("bias", true), a.flag("batch_first", false));
  }

  void describe(ObjectNode json) {
    json.put("dropout", dropout).put("bias", bias).put("batch_first", batchFirst);
  }
}
