// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.checkpoint.CheckpointLocation;
import io.sparkgrad.spark.checkpoint.CheckpointPolicy;
import io.sparkgrad.spark.checkpoint.FitIdentity;
import io.sparkgrad.spark.param.ParamText;
import io.sparkgrad.spark.train.CheckpointRecord;
import io.sparkgrad.spark.train.NetworkFactory;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** From an estimator to where its fit is written down, and by what that fit is known again. */
final class CheckpointRecords {
  /**
   * Params on which what is trained does not depend; the weights to start from count as such. Nor
   * does {@code onOutOfMemory} but for rounding: who sets it to split, as the error proposes, wants
   * to go on from the checkpoint.
   */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "featuresCol",
          "featuresCols",
          "labelCol",
          "weightCol",
          "validationIndicatorCol",
          "predictionCol",
          "probabilityCol",
          "rawPredictionCol",
          "thresholds",
          "inferenceBatchSize",
          "cacheFrozenFeatures",
          "initialWeights",
          "initialWeightsMapping",
          "initialWeightsIgnore",
          "initialWeightsStrict",
          "initialModel",
          "checkpointDir",
          "checkpointInterval",
          "checkpointUnit",
          "keepCheckpoints",
          "communicationTimeout",
          "gpusPerWorker",
          "onOutOfMemory");

  private CheckpointRecords() {}

  /**
   * Null if the estimator has no checkpointDir.
   *
   * @param network with the weights to start from
   */
  static @Nullable CheckpointRecord of(
      NetworkEstimator<?, ?> e, SparkSession spark, Module network) {
    if (!e.isDefined(e.checkpointDir()) || e.getCheckpointDir().isEmpty()) {
      return null;
    }
    CheckpointLocation location =
        new CheckpointLocation(
            e.getCheckpointDir(),
            e.getKeepCheckpoints(),
            new SerializableConfiguration(spark.sessionState().newHadoopConf()));
    location.requireWritable();
    Map<String, String> settings = new TreeMap<>(ParamText.json(e));
    settings.keySet().removeAll(WITHOUT_EFFECT);
    settings.put("initialWeights", "checksum " + checksum(network));
    return new CheckpointRecord(
        location,
        new CheckpointPolicy(
            e.getCheckpointInterval(),
            CheckpointPolicy.Unit.valueOf(e.getCheckpointUnit().toUpperCase(Locale.ROOT))),
        new FitIdentity(settings));
  }

  private static String checksum(Module network) {
    CRC32C crc = new CRC32C();
    crc.update(NetworkFactory.weights(network, Map.of()));
    return Long.toHexString(crc.getValue());
  }
}
