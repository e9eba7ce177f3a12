// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** The Params of an estimator: those of its model, and those that only training reads. */
public final class TrainingParamSet extends ParamSet {
  private static final long serialVersionUID = 1L;

  static final List<String> OPTIMIZERS = List.of("sgd", "adam", "adamw");

  final Param<String> weightCol;
  final Param<String> initialWeights;
  final Param<String> optimizer;
  final DoubleParam learningRate;
  final DoubleParam momentum;
  final DoubleParam weightDecay;
  final IntParam batchSize;
  final IntParam maxIter;
  final IntParam numWorkers;
  final BooleanParam shuffle;
  final LongParam seed;
  final IntParam communicationTimeout;

  /** Declares the Params of {@code owner} and gives them their defaults there. */
  public TrainingParamSet(Params owner) {
    super(owner);
    weightCol =
        new Param<>(
            owner,
            "weightCol",
            "row weight column, 0 or more; the gradient is the weighted mean over the global batch. If not set, every"
                + " row weighs 1");
    initialWeights =
        new Param<>(
            owner,
            "initialWeights",
            "safetensors file to start from, on any Hadoop file system; parameters it lacks start as initialised"
                + " from seed");
    optimizer =
        new Param<>(
            owner,
            "optimizer",
            "optimizer, with PyTorch's formula and defaults: " + String.join(", ", OPTIMIZERS),
            ParamValidators.inArray(OPTIMIZERS));
    learningRate =
        new DoubleParam(
            owner,
            "learningRate",
            "learning rate, taken as it is for any number of workers",
            ParamValidators.gt(0));
    momentum =
        new DoubleParam(
            owner,
            "momentum",
            "momentum of sgd; the others ignore it",
            ParamValidators.inRange(0, 1, true, false));
    weightDecay =
        new DoubleParam(
            owner,
            "weightDecay",
            "weight decay: added to the gradient in sgd and adam, decoupled in adamw",
            ParamValidators.gtEq(0));
    batchSize =
        new IntParam(
            owner,
            "batchSize",
            "rows that each worker takes per step; the global batch is batchSize x numWorkers",
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
    seed = new LongParam(owner, "seed", "seed of initialisation, shuffling and dropout");
    communicationTimeout =
        new IntParam(
            owner,
            "communicationTimeout",
            "seconds a worker waits for another before the fit fails",
            ParamValidators.gt(0));

    owner.setDefault(optimizer, "adam");
    owner.setDefault(learningRate, 1e-3);
    owner.setDefault(momentum, 0.0);
    owner.setDefault(weightDecay, 0.0);
    owner.setDefault(batchSize, 32);
    owner.setDefault(maxIter, 10);
    owner.setDefault(numWorkers, 1);
    owner.setDefault(shuffle, true);
    owner.setDefault(seed, 42L);
    owner.setDefault(communicationTimeout, 120);
  }
}
