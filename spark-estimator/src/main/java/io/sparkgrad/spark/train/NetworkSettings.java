// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;
import java.util.List;

/**
 * The network and what of it is trained.
 *
 * @param architecture as JSON, see {@link io.sparkgrad.nn.Architecture}
 * @param frozenLayers patterns of what is not trained, see {@link io.sparkgrad.nn.Module#freeze}
 * @param frozenBatchNorm whether the running statistics of batch norms all of whose parameters are
 *     frozen stand still; if not, they follow the training rows
 * @param syncBatchNorm whether batch norms take their statistics, in training, from the batches of
 *     all workers together
 * @param cacheFrozenFeatures whether what the frozen beginning of the network puts out is kept for
 *     each row
 */
public record NetworkSettings(
    String architecture,
    List<String> frozenLayers,
    boolean frozenBatchNorm,
    boolean syncBatchNorm,
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
    frozenLayers = List.copyOf(frozenLayers);
  }

  /** A network of which everything is trained. */
  public NetworkSettings(String architecture) {
    this(architecture, List.of(), true, false, FeatureCache.AUTO);
  }

  public NetworkSettings withFrozenLayers(List<String> value) {
    return new NetworkSettings(
        architecture, value, frozenBatchNorm, syncBatchNorm, cacheFrozenFeatures);
  }

  public NetworkSettings withFrozenBatchNorm(boolean value) {
    return new NetworkSettings(
        architecture, frozenLayers, value, syncBatchNorm, cacheFrozenFeatures);
  }

  public NetworkSettings withSyncBatchNorm(boolean value) {
    return new NetworkSettings(
        architecture, frozenLayers, frozenBatchNorm, value, cacheFrozenFeatures);
  }

  public NetworkSettings withCacheFrozenFeatures(FeatureCache value) {
    return new NetworkSettings(architecture, frozenLayers, frozenBatchNorm, syncBatchNorm, value);
  }
}
