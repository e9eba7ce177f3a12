// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.shared.HasCheckpointInterval;
import org.apache.spark.ml.param.shared.HasFeaturesCol;
import org.apache.spark.ml.param.shared.HasLabelCol;
import org.apache.spark.ml.param.shared.HasMaxIter;
import org.apache.spark.ml.param.shared.HasPredictionCol;
import org.apache.spark.ml.param.shared.HasProbabilityCol;
import org.apache.spark.ml.param.shared.HasRawPredictionCol;
import org.apache.spark.ml.param.shared.HasSeed;
import org.apache.spark.ml.param.shared.HasThresholds;
import org.apache.spark.ml.param.shared.HasValidationIndicatorCol;
import org.apache.spark.ml.param.shared.HasWeightCol;

/**
 * Spark's own shared Params, so that code that asks for {@code HasWeightCol} and its like knows our
 * stages, and the getters are Spark's. Those traits belong to Spark's ML package in Scala and are
 * public to Java; this is their one home. A Scala class calls the methods named {@code _setter_} to
 * initialise the trait's fields; ours declare the Params themselves, and nobody calls them.
 */
final class SharedParams {
  private SharedParams() {}

  /** Columns that each stage has. */
  interface Columns extends HasFeaturesCol, HasLabelCol, HasPredictionCol {
    @Override
    default void org$apache$spark$ml$param$shared$HasFeaturesCol$_setter_$featuresCol_$eq(
        Param<String> unused) {}

    @Override
    default void org$apache$spark$ml$param$shared$HasLabelCol$_setter_$labelCol_$eq(
        Param<String> unused) {}

    @Override
    default void org$apache$spark$ml$param$shared$HasPredictionCol$_setter_$predictionCol_$eq(
        Param<String> unused) {}
  }

  /** What a probabilistic classifier has besides. */
  interface Probabilities extends HasRawPredictionCol, HasProbabilityCol, HasThresholds {
    @Override
    default void org$apache$spark$ml$param$shared$HasRawPredictionCol$_setter_$rawPredictionCol_$eq(
        Param<String> unused) {}

    @Override
    default void org$apache$spark$ml$param$shared$HasProbabilityCol$_setter_$probabilityCol_$eq(
        Param<String> unused) {}

    @Override
    default void org$apache$spark$ml$param$shared$HasThresholds$_setter_$thresholds_$eq(
        DoubleArrayParam unused) {}
  }

  /** What training reads besides. */
  interface Training extends HasWeightCol, HasMaxIter, HasSeed {
    @Override
    default void org$apache$spark$ml$param$shared$HasWeightCol$_setter_$weightCol_$eq(
        Param<String> unused) {}

    @Override
    default void org$apache$spark$ml$param$shared$HasMaxIter$_setter_$maxIter_$eq(
        IntParam unused) {}

    @Override
    default void org$apache$spark$ml$param$shared$HasSeed$_setter_$seed_$eq(LongParam unused) {}
  }

  /** How often training is written down. */
  interface Checkpoints extends HasCheckpointInterval {
    @Override
    default void
        org$apache$spark$ml$param$shared$HasCheckpointInterval$_setter_$checkpointInterval_$eq(
            IntParam unused) {}
  }

  /** Which rows are for validation. */
  interface Validation extends HasValidationIndicatorCol {
    @Override
    default void
        org$apache$spark$ml$param$shared$HasValidationIndicatorCol$_setter_$validationIndicatorCol_$eq(
            Param<String> unused) {}
  }
}
