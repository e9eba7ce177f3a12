// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The Params of a model, which its estimator has as well: each with its name, doc, validator and
 * default. Made after the owner's uid is set: a Param remembers its parent's.
 */
public class ParamSet implements Serializable {
  private static final long serialVersionUID = 1L;

  final Param<String> featuresCol;
  final Param<String> labelCol;
  final Param<String> predictionCol;
  final Param<String> probabilityCol;
  final Param<String> rawPredictionCol;
  final Param<String> network;
  final IntArrayParam inputShape;
  final StringArrayParam frozenLayers;
  final IntParam inferenceBatchSize;

  /** Declares the Params of {@code owner} and gives them their defaults there. */
  public ParamSet(Params owner) {
    featuresCol =
        new Param<>(
            owner, "featuresCol", "features column: an ML Vector, or an array of float or double");
    labelCol =
        new Param<>(
            owner, "labelCol", "label column: class numbers 0, 1, 2, … of any numeric type");
    predictionCol =
        new Param<>(
            owner,
            "predictionCol",
            "output column: the most probable class, as a double; empty: none");
    probabilityCol =
        new Param<>(
            owner,
            "probabilityCol",
            "output column: the vector of class probabilities (softmax of the network's output); empty: none");
    rawPredictionCol =
        new Param<>(
            owner,
            "rawPredictionCol",
            "output column: the vector the network puts out (logits); empty: none");
    network =
        new Param<>(
            owner,
            "network",
            "architecture of the network as JSON; setNetwork also takes a Module, of which it keeps the architecture"
                + " (for its weights see initialWeights)");
    inputShape =
        new IntArrayParam(
            owner,
            "inputShape",
            "shape of one row's features as the network wants it, for example [1, 28, 28]; if not set, a vector");
    frozenLayers =
        new StringArrayParam(
            owner,
            "frozenLayers",
            "layers or parameters that are not trained: names or globs (* and ?). A frozen parameter gets no gradient,"
                + " is not stepped and not sent");
    inferenceBatchSize =
        new IntParam(
            owner,
            "inferenceBatchSize",
            "rows that the model puts through the network at once in transform",
            ParamValidators.gt(0));

    owner.setDefault(featuresCol, "features");
    owner.setDefault(labelCol, "label");
    owner.setDefault(predictionCol, "prediction");
    owner.setDefault(probabilityCol, "probability");
    owner.setDefault(rawPredictionCol, "rawPrediction");
    owner.setDefault(frozenLayers, new String[0]);
    owner.setDefault(inferenceBatchSize, 64);
  }
}
