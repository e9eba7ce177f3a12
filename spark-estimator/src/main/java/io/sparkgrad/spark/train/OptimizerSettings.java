// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which optimiser, and how it is set; the formulas are PyTorch's, see {@link io.sparkgrad.optim}.
 *
 * @param name one of {@link #OPTIMIZERS}
 * @param learningRate taken as it is for any number of workers
 * @param weightDecay added to the gradient, by {@code adamw} to the step
 * @param averages how gradients are averaged over steps
 * @param layerRates learning rates of layers that have one of their own; for each parameter the
 *     first that matches counts
 * @param gradients what is done to gradients before a step
 */
public record OptimizerSettings(
    String name,
    double learningRate,
    double weightDecay,
    Averages averages,
    List<LayerRate> layerRates,
    Gradients gradients)
    implements Serializable {

  public static final List<String> OPTIMIZERS =
      List.of("sgd", "adam", "adamw", "rmsprop", "adagrad");

  public OptimizerSettings {
    Names.check("optimizer", name, OPTIMIZERS);
    layerRates = List.copyOf(layerRates);
  }

  /** Without weight decay, all else as PyTorch has it. */
  public static OptimizerSettings of(String name, double learningRate) {
    return new OptimizerSettings(
        name, learningRate, 0, Averages.DEFAULT, List.of(), Gradients.DEFAULT);
  }

  public OptimizerSettings withWeightDecay(double value) {
    return new OptimizerSettings(name, learningRate, value, averages, layerRates, gradients);
  }

  public OptimizerSettings withAverages(Averages value) {
    return new OptimizerSettings(name, learningRate, weightDecay, value, layerRates, gradients);
  }

  public OptimizerSettings withLayerRates(List<LayerRate> value) {
    return new OptimizerSettings(name, learningRate, weightDecay, averages, value, gradients);
  }

  public OptimizerSettings withGradients(Gradients value) {
    return new OptimizerSettings(name, learningRate, weightDecay, averages, layerRates, value);
  }

  /**
   * Moving averages of gradients; each optimiser reads its own.
   *
   * @param momentum of {@code sgd} and {@code rmsprop}
   * @param dampening of the momentum of {@code sgd}
   * @param nesterov whether the momentum of {@code sgd} looks ahead
   * @param beta1 of {@code adam} and {@code adamw}: decay of the mean
   * @param beta2 of {@code adam} and {@code adamw}: decay of the mean square
   * @param alpha of {@code rmsprop}: decay of the mean square
   * @param epsilon added to the root of the mean square; null for the optimiser's own default
   * @param amsgrad whether {@code adam} and {@code adamw} divide by the largest mean square so far
   */
  public record Averages(
      double momentum,
      double dampening,
      boolean nesterov,
      double beta1,
      double beta2,
      double alpha,
      @Nullable Double epsilon,
      boolean amsgrad)
      implements Serializable {
    public static final Averages DEFAULT = new Averages(0, 0, false, 0.9, 0.999, 0.99, null, false);

    public Averages withMomentum(double value) {
      return new Averages(value, dampening, nesterov, beta1, beta2, alpha, epsilon, amsgrad);
    }
  }

  /**
   * A learning rate for some parameters.
   *
   * @param pattern the name of a layer or parameter, or a glob over either, as in {@link
   *     io.sparkgrad.nn.Module#freeze}
   */
  public record LayerRate(String pattern, double learningRate) implements Serializable {}

  /** What gradients lose on their way between workers. */
  public enum Compression {
    NONE,
    /** All but 8 significant bits, and half their bytes. */
    BF16
  }

  /**
   * What is done to gradients before a step.
   *
   * @param clipNorm the greatest Euclidean norm of all global mean gradients together; 0 for any
   * @param clipValue the greatest magnitude of an element of those; 0 for any. Applied first if
   *     both are given
   * @param accumulation batches of each worker that make one step
   * @param compression of gradients on their way between workers
   * @param bucketBytes of gradients that travel together, see {@link GradientSynchronizer}
   */
  public record Gradients(
      double clipNorm,
      double clipValue,
      int accumulation,
      Compression compression,
      long bucketBytes)
      implements Serializable {

    /**
     * By {@code examples/run bench-cluster --tables=BUCKETS}, see {@code docs/scaling.md}: sizes
     * from 1 to 16 MB differ by less than two runs of the same do, and one bucket is slower.
     */
    public static final long DEFAULT_BUCKET_BYTES = 4 << 20;

    public static final Gradients DEFAULT = new Gradients(0, 0, 1);

    /** Gradients that travel as they are. */
    public Gradients(double clipNorm, double clipValue, int accumulation) {
      this(clipNorm, clipValue, accumulation, Compression.NONE, DEFAULT_BUCKET_BYTES);
    }

    public Gradients withCompression(Compression value) {
      return new Gradients(clipNorm, clipValue, accumulation, value, bucketBytes);
    }
  }
}
