// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/** What training needs besides {@link NetworkParams}. */
public interface TrainingParams<T extends TrainingParams<T>> extends NetworkParams<T> {
  @Override
  TrainingParamSet declared();

  /** The architecture as JSON; see {@code io.sparkgrad.nn.Architecture}. */
  default T setNetwork(String json) {
    set(network(), json);
    return self();
  }

  /**
   * Takes the architecture of {@code module}; its weights are not taken: training starts from
   * {@link #initialWeights()} and, for what that lacks, from an initialisation by {@link #seed()}.
   */
  default T setNetwork(io.sparkgrad.nn.Module module) {
    return setNetwork(io.sparkgrad.nn.Architecture.toJson(module));
  }

  default T setInputShape(int... value) {
    set(inputShape(), value);
    return self();
  }

  /**
   * Names or globs of layers or parameters, as {@link io.sparkgrad.nn.Module#freeze} takes them.
   */
  default T setFrozenLayers(String... value) {
    set(frozenLayers(), value);
    return self();
  }

  default Param<String> weightCol() {
    return declared().weightCol;
  }

  default String getWeightCol() {
    return getOrDefault(weightCol());
  }

  default T setWeightCol(String value) {
    set(weightCol(), value);
    return self();
  }

  default Param<String> initialWeights() {
    return declared().initialWeights;
  }

  default String getInitialWeights() {
    return getOrDefault(initialWeights());
  }

  default T setInitialWeights(String value) {
    set(initialWeights(), value);
    return self();
  }

  default Param<String> optimizer() {
    return declared().optimizer;
  }

  default String getOptimizer() {
    return getOrDefault(optimizer());
  }

  default T setOptimizer(String value) {
    set(optimizer(), value);
    return self();
  }

  default DoubleParam learningRate() {
    return declared().learningRate;
  }

  default double getLearningRate() {
    return (Double) getOrDefault(learningRate());
  }

  default T setLearningRate(double value) {
    set(learningRate(), value);
    return self();
  }

  default DoubleParam momentum() {
    return declared().momentum;
  }

  default double getMomentum() {
    return (Double) getOrDefault(momentum());
  }

  default T setMomentum(double value) {
    set(momentum(), value);
    return self();
  }

  default DoubleParam weightDecay() {
    return declared().weightDecay;
  }

  default double getWeightDecay() {
    return (Double) getOrDefault(weightDecay());
  }

  default T setWeightDecay(double value) {
    set(weightDecay(), value);
    return self();
  }

  default IntParam batchSize() {
    return declared().batchSize;
  }

  default int getBatchSize() {
    return (Integer) getOrDefault(batchSize());
  }

  default T setBatchSize(int value) {
    set(batchSize(), value);
    return self();
  }

  default IntParam maxIter() {
    return declared().maxIter;
  }

  default int getMaxIter() {
    return (Integer) getOrDefault(maxIter());
  }

  default T setMaxIter(int value) {
    set(maxIter(), value);
    return self();
  }

  default IntParam numWorkers() {
    return declared().numWorkers;
  }

  default int getNumWorkers() {
    return (Integer) getOrDefault(numWorkers());
  }

  default T setNumWorkers(int value) {
    set(numWorkers(), value);
    return self();
  }

  default BooleanParam shuffle() {
    return declared().shuffle;
  }

  default boolean getShuffle() {
    return (Boolean) getOrDefault(shuffle());
  }

  default T setShuffle(boolean value) {
    set(shuffle(), value);
    return self();
  }

  default LongParam seed() {
    return declared().seed;
  }

  default long getSeed() {
    return (Long) getOrDefault(seed());
  }

  default T setSeed(long value) {
    set(seed(), value);
    return self();
  }

  default IntParam communicationTimeout() {
    return declared().communicationTimeout;
  }

  default int getCommunicationTimeout() {
    return (Integer) getOrDefault(communicationTimeout());
  }

  default T setCommunicationTimeout(int value) {
    set(communicationTimeout(), value);
    return self();
  }
}
