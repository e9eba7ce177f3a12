// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** What a model needs to apply its network, and an estimator hands on to its model. */
public interface NetworkParams<T> extends StageParams<T>, SharedParams.Columns {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> featuresCol;
    final StringArrayParam featuresCols;
    final Param<String> labelCol;
    final Param<String> predictionCol;
    final Param<String> network;
    final IntArrayParam inputShape;
    final ShapesParam inputShapes;
    final StringArrayParam frozenLayers;
    final Param<String> device;
    final Param<String> onOutOfMemory;
    final Param<String> precision;
    final IntParam inferenceBatchSize;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      featuresCol =
          new Param<>(
              owner,
              "featuresCol",
              "features column: an ML Vector, an array of numbers, an image struct of the image source, or a binary PNG or JPEG");
      featuresCols =
          new StringArrayParam(
              owner,
              "featuresCols",
              "several features columns, instead of featuresCol: one for each input of the network, or for a network of one input columns of numbers that make up its vector");
      labelCol = new Param<>(owner, "labelCol", "label column");
      predictionCol =
          new Param<>(owner, "predictionCol", "output column of the prediction; empty: none");
      network =
          new Param<>(
              owner,
              "network",
              "architecture of the network as JSON; setNetwork also takes a Module, of which it keeps the architecture (for its weights see initialWeights)");
      inputShape =
          new IntArrayParam(
              owner,
              "inputShape",
              "shape of one row as the network wants it, for example [3, 32, 32]; if not set, a vector as long as the features of the first row");
      inputShapes =
          new ShapesParam(
              owner,
              "inputShapes",
              "instead of inputShape for a network of several inputs: the shape of each");
      frozenLayers =
          new StringArrayParam(
              owner,
              "frozenLayers",
              "layers or parameters that are not trained: names or globs (* and ?). A frozen parameter gets no gradient, is not stepped and not sent");
      device =
          new Param<>(
              owner,
              "device",
              "where the network runs: cpu, gpu (an error where a worker has none), or auto (the GPU that Spark gave the task, else the CPU). Methods that predict a single row always use the CPU",
              ParamValidators.inArray(List.of("cpu", "gpu", "auto")));
      onOutOfMemory =
          new Param<>(
              owner,
              "onOutOfMemory",
              "what becomes of a batch that does not fit the device's memory: fail says so with sizes, split computes it in halves, with the same gradient but for the order of sums and dropout's numbers. Refused where batch norms are trained: their statistics would be of halves",
              ParamValidators.inArray(List.of("fail", "split")));
      precision =
          new Param<>(
              owner,
              "precision",
              "what matrix products and convolutions on a GPU round the factors to: fp32 (nothing), tf32 or bf16 (faster, on GPUs with such units); sums are fp32. No effect on the CPU",
              ParamValidators.inArray(List.of("fp32", "tf32", "bf16")));
      inferenceBatchSize =
          new IntParam(
              owner,
              "inferenceBatchSize",
              "rows that the model puts through the network at once in transform",
              ParamValidators.gt(0));
      owner.setDefault(featuresCol, "features");
      owner.setDefault(labelCol, "label");
      owner.setDefault(predictionCol, "prediction");
      owner.setDefault(frozenLayers, new String[0]);
      owner.setDefault(device, "auto");
      owner.setDefault(onOutOfMemory, "fail");
      owner.setDefault(precision, "fp32");
      owner.setDefault(inferenceBatchSize, 64);
    }
  }

  /** The declarations behind the accessors. */
  Declared networkParams();

  @Override
  default Param<String> featuresCol() {
    return networkParams().featuresCol;
  }

  default T setFeaturesCol(String value) {
    set(featuresCol(), value);
    return self();
  }

  default StringArrayParam featuresCols() {
    return networkParams().featuresCols;
  }

  default String[] getFeaturesCols() {
    return getOrDefault(featuresCols());
  }

  default T setFeaturesCols(String... value) {
    set(featuresCols(), value);
    return self();
  }

  @Override
  default Param<String> labelCol() {
    return networkParams().labelCol;
  }

  default T setLabelCol(String value) {
    set(labelCol(), value);
    return self();
  }

  @Override
  default Param<String> predictionCol() {
    return networkParams().predictionCol;
  }

  default T setPredictionCol(String value) {
    set(predictionCol(), value);
    return self();
  }

  default Param<String> network() {
    return networkParams().network;
  }

  default String getNetwork() {
    return getOrDefault(network());
  }

  default IntArrayParam inputShape() {
    return networkParams().inputShape;
  }

  default int[] getInputShape() {
    return getOrDefault(inputShape());
  }

  default ShapesParam inputShapes() {
    return networkParams().inputShapes;
  }

  default int[][] getInputShapes() {
    return getOrDefault(inputShapes());
  }

  default StringArrayParam frozenLayers() {
    return networkParams().frozenLayers;
  }

  default String[] getFrozenLayers() {
    return getOrDefault(frozenLayers());
  }

  default Param<String> device() {
    return networkParams().device;
  }

  default String getDevice() {
    return getOrDefault(device());
  }

  default T setDevice(String value) {
    set(device(), value);
    return self();
  }

  default Param<String> onOutOfMemory() {
    return networkParams().onOutOfMemory;
  }

  default String getOnOutOfMemory() {
    return getOrDefault(onOutOfMemory());
  }

  default T setOnOutOfMemory(String value) {
    set(onOutOfMemory(), value);
    return self();
  }

  default Param<String> precision() {
    return networkParams().precision;
  }

  default String getPrecision() {
    return getOrDefault(precision());
  }

  default T setPrecision(String value) {
    set(precision(), value);
    return self();
  }

  default IntParam inferenceBatchSize() {
    return networkParams().inferenceBatchSize;
  }

  default int getInferenceBatchSize() {
    return (Integer) getOrDefault(inferenceBatchSize());
  }

  default T setInferenceBatchSize(int value) {
    set(inferenceBatchSize(), value);
    return self();
  }
}
