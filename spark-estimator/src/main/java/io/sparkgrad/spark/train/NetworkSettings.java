// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;
import java.util.List;

/**
 * The network and what of it is trained.
 *
 * @param architecture as JSON, see {@link io.sparkgrad.nn.Architecture}
 * @param inputShape of one row, without the axis of the batch
 * @param frozenLayers patterns of what is not trained, see {@link io.sparkgrad.nn.Module#freeze}
 * @param frozenBatchNorm whether the running statistics of batch norms all of whose parameters are
 *     frozen stand still; if not, they follow the training rows
 * @param cacheFrozenFeatures whether what the frozen beginning of the network puts out is kept for
 *     each row
 */
public record NetworkSettings(
    String architecture,
    List<Long> inputShape,
    List<String> frozenLayers,
    boolean frozenBatchNorm,
    FeatureCache cacheFrozenFeatures)
    implements Serializable {

  /** Whether the features that frozen layers compute are kept from epoch to epoch. */
  public enum FeatureCache {
    /** Where it changes nothing but the time, and pays. */
    AUTO,
    /** Or the fit is an error that says why it cannot be. */
    ON,
    OFF
  }

  public NetworkSettings {
    inputShape = List.copyOf(inputShape);
    frozenLayers = List.copyOf(frozenLayers);
  }

  /** A network of which everything is trained. */
  public NetworkSettings(String architecture, List<Long> inputShape) {
    this(architecture, inputShape, List.of(), true, FeatureCache.AUTO);
  }

  public NetworkSettings withFrozenLayers(List<String> value) {
    return new NetworkSettings(
        architecture, inputShape, value, frozenBatchNorm, cacheFrozenFeatures);
  }

  public NetworkSettings withFrozenBatchNorm(boolean value) {
    return new NetworkSettings(architecture, inputShape, frozenLayers, value, cacheFrozenFeatures);
  }

  public NetworkSettings withCacheFrozenFeatures(FeatureCache value) {
    return new NetworkSettings(architecture, inputShape, frozenLayers, frozenBatchNorm, value);
  }

  /** How many numbers one row's features are. */
  public int rowLength() {
    return Math.toIntExact(inputShape.stream().reduce(1L, Math::multiplyExact));
  }
}
