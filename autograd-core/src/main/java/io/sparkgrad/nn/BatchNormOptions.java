// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a batch norm.
 *
 * @param momentum weight of a new batch in the running statistics; null for the plain average of
 *     all batches
 * @param affine whether there are a weight and a bias
 * @param trackRunningStats whether there are running statistics; without them the batch's own serve
 *     in eval mode too
 */
public record BatchNormOptions(
    double eps, @Nullable Double momentum, boolean affine, boolean trackRunningStats) {

  public static final BatchNormOptions DEFAULT = new BatchNormOptions(1e-5, 0.1, true, true);

  public BatchNormOptions {
    if (!(eps > 0)) {
      throw new IllegalArgumentException("batch_norm: expected an eps above 0, got " + eps);
    }
  }

  static BatchNormOptions fromJson(LayerArguments a) {
    return new BatchNormOptions(
        a.number("eps", DEFAULT.eps),
        a.json().path("momentum").isNull() ? null : (Double) a.number("momentum", 0.1),
        a.flag("affine", true),
        a.flag("track_running_stats", true));
  }

  void describe(ObjectNode json) {
    json.put("eps", eps)
        .put("momentum", momentum)
        .put("affine", affine)
        .put("track_running_stats", trackRunningStats);
  }

  String arguments() {
    return "eps=%s, momentum=%s, affine=%s, track_running_stats=%s"
        .formatted(
            LayerArguments.text(eps),
            momentum == null ? "None" : momentum,
            affine ? "True" : "False",
            trackRunningStats ? "True" : "False");
  }
}
