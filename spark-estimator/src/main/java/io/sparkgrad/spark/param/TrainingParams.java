// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** What training needs besides the network: rows, workers, and the loss. */
public interface TrainingParams<T> extends NetworkParams<T>, SharedParams.Training {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> weightCol;
    final Param<String> loss;
    final IntParam batchSize;
    final IntParam maxIter;
    final IntParam numWorkers;
    final BooleanParam shuffle;
    final LongParam seed;
    final BooleanParam frozenBatchNorm;
    final BooleanParam syncBatchNorm;
    final Param<String> cacheFrozenFeatures;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner, List<String> losses) {
      weightCol =
          new Param<>(
              owner,
              "weightCol",
              "row weight column, 0 or more; gradients are the weighted mean over the global batch. Not set or empty: every row weighs 1");
      loss =
          new Param<>(
              owner, "loss", "loss: " + String.join(", ", losses), ParamValidators.inArray(losses));
      batchSize =
          new IntParam(
              owner,
              "batchSize",
              "rows that each worker takes per step; the global batch is batchSize x numWorkers (x gradientAccumulation)",
              ParamValidators.gt(0));
      maxIter =
          new IntParam(
              owner, "maxIter", "epochs: passes over the training rows", ParamValidators.gt(0));
      numWorkers =
          new IntParam(
              owner,
              "numWorkers",
              "training tasks that run at once, each with its share of the rows",
              ParamValidators.gt(0));
      shuffle =
          new BooleanParam(
              owner,
              "shuffle",
              "whether each worker takes its rows in a new random order each epoch");
      seed =
          new LongParam(
              owner, "seed", "seed of initialisation, shuffling, dropout and validationFraction");
      frozenBatchNorm =
          new BooleanParam(
              owner,
              "frozenBatchNorm",
              "whether the statistics of batch norms that are frozen stand still");
      syncBatchNorm =
          new BooleanParam(
              owner,
              "syncBatchNorm",
              "whether batch norms take mean and variance, in training, over the batches of all workers together, which has workers wait for each other in every batch norm; if not, each worker takes those of its own batch. The running statistics are the same on all workers after each epoch either way");
      cacheFrozenFeatures =
          new Param<>(
              owner,
              "cacheFrozenFeatures",
              "whether what frozen layers at the beginning of the network put out is computed once per row and kept: auto, on or off",
              ParamValidators.inArray(List.of("auto", "on", "off")));
      owner.setDefault(loss, losses.get(0));
      owner.setDefault(batchSize, 32);
      owner.setDefault(maxIter, 10);
      owner.setDefault(numWorkers, 1);
      owner.setDefault(shuffle, true);
      owner.setDefault(seed, 42L);
      owner.setDefault(frozenBatchNorm, true);
      owner.setDefault(syncBatchNorm, false);
      owner.setDefault(cacheFrozenFeatures, "auto");
    }
  }

  /** The declarations behind the accessors. */
  Declared trainingParams();

  @Override
  default Param<String> weightCol() {
    return trainingParams().weightCol;
  }

  default T setWeightCol(String value) {
    set(weightCol(), value);
    return self();
  }

  default Param<String> loss() {
    return trainingParams().loss;
  }

  default String getLoss() {
    return getOrDefault(loss());
  }

  default T setLoss(String value) {
    set(loss(), value);
    return self();
  }

  default IntParam batchSize() {
    return trainingParams().batchSize;
  }

  default int getBatchSize() {
    return (Integer) getOrDefault(batchSize());
  }

  default T setBatchSize(int value) {
    set(batchSize(), value);
    return self();
  }

  @Override
  default IntParam maxIter() {
    return trainingParams().maxIter;
  }

  default T setMaxIter(int value) {
    set(maxIter(), value);
    return self();
  }

  default IntParam numWorkers() {
    return trainingParams().numWorkers;
  }

  default int getNumWorkers() {
    return (Integer) getOrDefault(numWorkers());
  }

  default T setNumWorkers(int value) {
    set(numWorkers(), value);
    return self();
  }

  default BooleanParam shuffle() {
    return trainingParams().shuffle;
  }

  default boolean getShuffle() {
    return (Boolean) getOrDefault(shuffle());
  }

  default T setShuffle(boolean value) {
    set(shuffle(), value);
    return self();
  }

  @Override
  default LongParam seed() {
    return trainingParams().seed;
  }

  default T setSeed(long value) {
    set(seed(), value);
    return self();
  }

  default BooleanParam frozenBatchNorm() {
    return trainingParams().frozenBatchNorm;
  }

  default boolean getFrozenBatchNorm() {
    return (Boolean) getOrDefault(frozenBatchNorm());
  }

  default T setFrozenBatchNorm(boolean value) {
    set(frozenBatchNorm(), value);
    return self();
  }

  default BooleanParam syncBatchNorm() {
    return trainingParams().syncBatchNorm;
  }

  default boolean getSyncBatchNorm() {
    return (Boolean) getOrDefault(syncBatchNorm());
  }

  default T setSyncBatchNorm(boolean value) {
    set(syncBatchNorm(), value);
    return self();
  }

  default Param<String> cacheFrozenFeatures() {
    return trainingParams().cacheFrozenFeatures;
  }

  default String getCacheFrozenFeatures() {
    return getOrDefault(cacheFrozenFeatures());
  }

  default T setCacheFrozenFeatures(String value) {
    set(cacheFrozenFeatures(), value);
    return self();
  }

  /** The architecture as JSON; see {@code io.sparkgrad.nn.Architecture}. */
  default T setNetwork(String json) {
    set(network(), json);
    return self();
  }

  /**
   * Takes the architecture of {@code module}; its weights are not taken: training starts from
   * {@code initialWeights} or {@code initialModel} and, for what that lacks, from an initialisation
   * by {@link #seed()}.
   */
  default T setNetwork(io.sparkgrad.nn.Module module) {
    return setNetwork(io.sparkgrad.nn.Architecture.toJson(module));
  }

  default T setInputShape(int... value) {
    set(inputShape(), value);
    return self();
  }

  default T setInputShapes(int[]... value) {
    set(inputShapes(), value);
    return self();
  }

  /**
   * Names or globs of layers or parameters, as {@link io.sparkgrad.nn.Module#freeze} takes them.
   */
  default T setFrozenLayers(String... value) {
    set(frozenLayers(), value);
    return self();
  }
}
