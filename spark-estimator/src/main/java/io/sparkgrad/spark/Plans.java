// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.device.DevicePreference;
import io.sparkgrad.spark.device.DeviceSettings;
import io.sparkgrad.spark.train.CheckpointRecord;
import io.sparkgrad.spark.train.FaultSettings;
import io.sparkgrad.spark.train.FaultSettings.NonFinite;
import io.sparkgrad.spark.train.NetworkSettings;
import io.sparkgrad.spark.train.NetworkSettings.FeatureCache;
import io.sparkgrad.spark.train.Objective;
import io.sparkgrad.spark.train.OptimizerSettings;
import io.sparkgrad.spark.train.OptimizerSettings.Averages;
import io.sparkgrad.spark.train.OptimizerSettings.Compression;
import io.sparkgrad.spark.train.OptimizerSettings.Gradients;
import io.sparkgrad.spark.train.OptimizerSettings.LayerRate;
import io.sparkgrad.spark.train.ScheduleSettings;
import io.sparkgrad.spark.train.TrainingPlan;
import io.sparkgrad.spark.train.ValidationSettings;
import io.sparkgrad.spark.train.WorkerResources;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** From the Params of an estimator to what its workers have to know. */
final class Plans {
  private Plans() {}

  static TrainingPlan of(
      NetworkEstimator<?, ?> e, Objective objective, @Nullable CheckpointRecord checkpoints) {
    return new TrainingPlan(
        network(e),
        objective,
        optimizer(e),
        schedule(e),
        new ValidationSettings(e.getPatience(), e.getMinDelta(), e.getRestoreBest()),
        new TrainingPlan.Passes(e.getBatchSize(), e.getMaxIter(), e.getShuffle(), e.getSeed()),
        DeviceSettings.of(e.getDevice(), e.getOnOutOfMemory(), e.getPrecision()),
        new FaultSettings(
            NonFinite.valueOf(constant(e.getOnNonFinite())),
            checkpoints,
            e.getCommunicationTimeout() * 1000L));
  }

  /** What each worker takes of the cluster. */
  static WorkerResources workers(NetworkEstimator<?, ?> e) {
    return new WorkerResources(
        DevicePreference.of(e.getDevice()),
        e.getGpusPerWorker(),
        e.isDefined(e.cpusPerWorker())
            ? OptionalInt.of(e.getCpusPerWorker())
            : OptionalInt.empty());
  }

  private static String constant(String value) {
    return value.toUpperCase(Locale.ROOT);
  }

  private static NetworkSettings network(NetworkEstimator<?, ?> e) {
    return new NetworkSettings(
        e.getNetwork(),
        List.of(e.getFrozenLayers()),
        e.getFrozenBatchNorm(),
        e.getSyncBatchNorm(),
        FeatureCache.valueOf(constant(e.getCacheFrozenFeatures())));
  }

  private static OptimizerSettings optimizer(NetworkEstimator<?, ?> e) {
    return new OptimizerSettings(
        e.getOptimizer(),
        e.getLearningRate(),
        e.getWeightDecay(),
        new Averages(
            e.getMomentum(),
            e.getDampening(),
            e.getNesterov(),
            e.getBeta1(),
            e.getBeta2(),
            e.getAlpha(),
            e.isDefined(e.epsilon()) ? e.getEpsilon() : null,
            e.getAmsgrad()),
        Arrays.stream(e.getLayerLearningRates()).map(Plans::layerRate).toList(),
        new Gradients(
            e.getGradientClipNorm(),
            e.getGradientClipValue(),
            e.getGradientAccumulation(),
            Compression.valueOf(e.getGradientCompression().toUpperCase(Locale.ROOT)),
            (long) (e.getGradientBucketSizeInMB() * (1 << 20))));
  }

  private static LayerRate layerRate(String rule) {
    int equals = rule.lastIndexOf('=');
    double rate = Double.NaN;
    if (equals > 0) {
      try {
        rate = Double.parseDouble(rule.substring(equals + 1));
      } catch (NumberFormatException e) {
        rate = Double.NaN; // said below
      }
    }
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new InputException(
          "layerLearningRates: expected glob=rate with a rate of 0 or more, for example blocks.*=1e-4, got '%s'."
              .formatted(rule));
    }
    return new LayerRate(rule.substring(0, equals), rate);
  }

  private static ScheduleSettings schedule(NetworkEstimator<?, ?> e) {
    return new ScheduleSettings(
        e.getSchedule(),
        e.getWarmupSteps(),
        e.getScheduleStepSize(),
        Arrays.stream(e.getScheduleMilestones()).boxed().toList(),
        e.getScheduleGamma(),
        e.getMinLearningRate(),
        e.getSchedulePower(),
        e.getSchedulePeriodFactor(),
        e.getSchedulePatience());
  }
}
