// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** What a model needs to apply its network, and an estimator hands on to its model. */
public interface NetworkParams<T extends NetworkParams<T>> extends Params {
  /** The declarations behind the accessors. */
  ParamSet declared();

  /** This object, for setters that chain. */
  @SuppressWarnings("unchecked")
  default T self() {
    return (T) this;
  }

  default Param<String> featuresCol() {
    return declared().featuresCol;
  }

  default String getFeaturesCol() {
    return getOrDefault(featuresCol());
  }

  default T setFeaturesCol(String value) {
    set(featuresCol(), value);
    return self();
  }

  default Param<String> labelCol() {
    return declared().labelCol;
  }

  default String getLabelCol() {
    return getOrDefault(labelCol());
  }

  default T setLabelCol(String value) {
    set(labelCol(), value);
    return self();
  }

  default Param<String> predictionCol() {
    return declared().predictionCol;
  }

  default String getPredictionCol() {
    return getOrDefault(predictionCol());
  }

  default T setPredictionCol(String value) {
    set(predictionCol(), value);
    return self();
  }

  default Param<String> probabilityCol() {
    return declared().probabilityCol;
  }

  default String getProbabilityCol() {
    return getOrDefault(probabilityCol());
  }

  default T setProbabilityCol(String value) {
    set(probabilityCol(), value);
    return self();
  }

  default Param<String> rawPredictionCol() {
    return declared().rawPredictionCol;
  }

  default String getRawPredictionCol() {
    return getOrDefault(rawPredictionCol());
  }

  default T setRawPredictionCol(String value) {
    set(rawPredictionCol(), value);
    return self();
  }

  default Param<String> network() {
    return declared().network;
  }

  default String getNetwork() {
    return getOrDefault(network());
  }

  default IntArrayParam inputShape() {
    return declared().inputShape;
  }

  default int[] getInputShape() {
    return getOrDefault(inputShape());
  }

  default StringArrayParam frozenLayers() {
    return declared().frozenLayers;
  }

  default String[] getFrozenLayers() {
    return getOrDefault(frozenLayers());
  }

  default IntParam inferenceBatchSize() {
    return declared().inferenceBatchSize;
  }

  default int getInferenceBatchSize() {
    return (Integer) getOrDefault(inferenceBatchSize());
  }

  default T setInferenceBatchSize(int value) {
    set(inferenceBatchSize(), value);
    return self();
  }
}
