// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.mllib;

import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.spark.AutogradClassifier;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;

/** Who learns to tell the images apart, with one hidden layer. */
interface Learner {
  String name();

  /** What {@link #estimator} is given how many of. */
  String passes();

  Estimator<?> estimator(int passes);

  /** Spark's own, whose hidden layer is sigmoid and whose solver l-bfgs, as both are by default. */
  record Mllib(int inputs, int hidden, int classes, long seed) implements Learner {
    @Override
    public String name() {
      return "mllib";
    }

    @Override
    public String passes() {
      return "iterations";
    }

    @Override
    public Estimator<?> estimator(int passes) {
      return new MultilayerPerceptronClassifier()
          .setLayers(new int[] {inputs, hidden, classes})
          .setMaxIter(passes)
          .setSeed(seed);
    }
  }

  /** Ours: relu, and Adam in one cycle of learning rates, a worker for each core. */
  record Sparkgrad(
      int inputs,
      int hidden,
      int classes,
      long seed,
      int workers,
      int batchSize,
      double learningRate)
      implements Learner {
    @Override
    public String name() {
      return "sparkgrad";
    }

    @Override
    public String passes() {
      return "epochs";
    }

    @Override
    public Estimator<?> estimator(int passes) {
      return new AutogradClassifier()
          .setNetwork(Mlp.create(inputs, hidden, classes))
          .setNumWorkers(workers)
          .setBatchSize(batchSize)
          .setLearningRate(learningRate)
          .setSchedule("oneCycle")
          .setMaxIter(passes)
          .setSeed(seed);
    }
  }
}
