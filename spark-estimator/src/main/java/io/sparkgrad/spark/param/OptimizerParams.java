// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import io.sparkgrad.spark.train.OptimizerSettings;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** The optimiser and what is done to gradients before it. */
public interface OptimizerParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> optimizer;
    final DoubleParam learningRate;
    final StringArrayParam layerLearningRates;
    final DoubleParam momentum;
    final DoubleParam dampening;
    final BooleanParam nesterov;
    final DoubleParam beta1;
    final DoubleParam beta2;
    final DoubleParam epsilon;
    final BooleanParam amsgrad;
    final DoubleParam alpha;
    final DoubleParam weightDecay;
    final DoubleParam gradientClipNorm;
    final DoubleParam gradientClipValue;
    final IntParam gradientAccumulation;
    final Param<String> gradientCompression;
    final DoubleParam gradientBucketSizeInMB;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      optimizer =
          new Param<>(
              owner,
              "optimizer",
              "optimizer, with PyTorch's formula and defaults: "
                  + String.join(", ", OptimizerSettings.OPTIMIZERS),
              ParamValidators.inArray(OptimizerSettings.OPTIMIZERS));
      learningRate =
          new DoubleParam(
              owner,
              "learningRate",
              "learning rate, taken as it is for any number of workers",
              ParamValidators.gt(0));
      layerLearningRates =
          new StringArrayParam(
              owner,
              "layerLearningRates",
              "learning rates of some layers or parameters, as glob=rate, for example blocks.*=1e-4; the first that matches counts, and the schedule scales them all alike");
      momentum =
          new DoubleParam(
              owner,
              "momentum",
              "momentum of sgd and rmsprop",
              ParamValidators.inRange(0, 1, true, false));
      dampening =
          new DoubleParam(
              owner,
              "dampening",
              "dampening of the momentum of sgd",
              ParamValidators.inRange(0, 1, true, true));
      nesterov = new BooleanParam(owner, "nesterov", "Nesterov momentum in sgd");
      beta1 =
          new DoubleParam(
              owner,
              "beta1",
              "decay of the mean of gradients in adam and adamw",
              ParamValidators.inRange(0, 1, true, false));
      beta2 =
          new DoubleParam(
              owner,
              "beta2",
              "decay of the mean of squared gradients in adam and adamw",
              ParamValidators.inRange(0, 1, true, false));
      epsilon =
          new DoubleParam(
              owner,
              "epsilon",
              "added to the root of the mean square in adam, adamw, rmsprop and adagrad; not set: PyTorch's default of each",
              ParamValidators.gt(0));
      amsgrad = new BooleanParam(owner, "amsgrad", "the AMSGrad variant of adam and adamw");
      alpha =
          new DoubleParam(
              owner,
              "alpha",
              "decay of the mean of squared gradients in rmsprop",
              ParamValidators.inRange(0, 1, true, false));
      weightDecay =
          new DoubleParam(
              owner,
              "weightDecay",
              "weight decay: added to the gradient, in adamw decoupled from it",
              ParamValidators.gtEq(0));
      gradientClipNorm =
          new DoubleParam(
              owner,
              "gradientClipNorm",
              "largest norm that the averaged gradients of all trained parameters together may have; longer ones are scaled down. 0: no limit",
              ParamValidators.gtEq(0));
      gradientClipValue =
          new DoubleParam(
              owner,
              "gradientClipValue",
              "averaged gradients are cut to [-value, value]. 0: no limit",
              ParamValidators.gtEq(0));
      gradientAccumulation =
          new IntParam(
              owner,
              "gradientAccumulation",
              "batches of each worker that make up one step",
              ParamValidators.gt(0));
      gradientCompression =
          new Param<>(
              owner,
              "gradientCompression",
              "how gradients travel between workers: none, as they are; bf16, rounded to 8 significant bits whenever they leave a worker, in half the bytes. Measured on random gradients, the mean is off by 0.2 % of its length with 2 workers, by 0.35 % with 8; all workers get the same bits",
              ParamValidators.inArray(List.of("none", "bf16")));
      gradientBucketSizeInMB =
          new DoubleParam(
              owner,
              "gradientBucketSizeInMB",
              "gradients travel together as soon as they are so many MB, the first ones at a quarter of it: PyTorch's bucket_cap_mb",
              ParamValidators.gt(0));
      owner.setDefault(optimizer, "adam");
      owner.setDefault(learningRate, 1e-3);
      owner.setDefault(layerLearningRates, new String[0]);
      owner.setDefault(momentum, 0.0);
      owner.setDefault(dampening, 0.0);
      owner.setDefault(nesterov, false);
      owner.setDefault(beta1, 0.9);
      owner.setDefault(beta2, 0.999);
      owner.setDefault(amsgrad, false);
      owner.setDefault(alpha, 0.99);
      owner.setDefault(weightDecay, 0.0);
      owner.setDefault(gradientClipNorm, 0.0);
      owner.setDefault(gradientClipValue, 0.0);
      owner.setDefault(gradientAccumulation, 1);
      owner.setDefault(gradientCompression, "none");
      owner.setDefault(
          gradientBucketSizeInMB,
          (double) OptimizerSettings.Gradients.DEFAULT_BUCKET_BYTES / (1 << 20));
    }
  }

  /** The declarations behind the accessors. */
  Declared optimizerParams();

  default Param<String> optimizer() {
    return optimizerParams().optimizer;
  }

  default String getOptimizer() {
    return getOrDefault(optimizer());
  }

  default T setOptimizer(String value) {
    set(optimizer(), value);
    return self();
  }

  default DoubleParam learningRate() {
    return optimizerParams().learningRate;
  }

  default double getLearningRate() {
    return (Double) getOrDefault(learningRate());
  }

  default T setLearningRate(double value) {
    set(learningRate(), value);
    return self();
  }

  default StringArrayParam layerLearningRates() {
    return optimizerParams().layerLearningRates;
  }

  default String[] getLayerLearningRates() {
    return getOrDefault(layerLearningRates());
  }

  default T setLayerLearningRates(String... value) {
    set(layerLearningRates(), value);
    return self();
  }

  default DoubleParam momentum() {
    return optimizerParams().momentum;
  }

  default double getMomentum() {
    return (Double) getOrDefault(momentum());
  }

  default T setMomentum(double value) {
    set(momentum(), value);
    return self();
  }

  default DoubleParam dampening() {
    return optimizerParams().dampening;
  }

  default double getDampening() {
    return (Double) getOrDefault(dampening());
  }

  default T setDampening(double value) {
    set(dampening(), value);
    return self();
  }

  default BooleanParam nesterov() {
    return optimizerParams().nesterov;
  }

  default boolean getNesterov() {
    return (Boolean) getOrDefault(nesterov());
  }

  default T setNesterov(boolean value) {
    set(nesterov(), value);
    return self();
  }

  default DoubleParam beta1() {
    return optimizerParams().beta1;
  }

  default double getBeta1() {
    return (Double) getOrDefault(beta1());
  }

  default T setBeta1(double value) {
    set(beta1(), value);
    return self();
  }

  default DoubleParam beta2() {
    return optimizerParams().beta2;
  }

  default double getBeta2() {
    return (Double) getOrDefault(beta2());
  }

  default T setBeta2(double value) {
    set(beta2(), value);
    return self();
  }

  default DoubleParam epsilon() {
    return optimizerParams().epsilon;
  }

  default double getEpsilon() {
    return (Double) getOrDefault(epsilon());
  }

  default T setEpsilon(double value) {
    set(epsilon(), value);
    return self();
  }

  default BooleanParam amsgrad() {
    return optimizerParams().amsgrad;
  }

  default boolean getAmsgrad() {
    return (Boolean) getOrDefault(amsgrad());
  }

  default T setAmsgrad(boolean value) {
    set(amsgrad(), value);
    return self();
  }

  default DoubleParam alpha() {
    return optimizerParams().alpha;
  }

  default double getAlpha() {
    return (Double) getOrDefault(alpha());
  }

  default T setAlpha(double value) {
    set(alpha(), value);
    return self();
  }

  default DoubleParam weightDecay() {
    return optimizerParams().weightDecay;
  }

  default double getWeightDecay() {
    return (Double) getOrDefault(weightDecay());
  }

  default T setWeightDecay(double value) {
    set(weightDecay(), value);
    return self();
  }

  default DoubleParam gradientClipNorm() {
    return optimizerParams().gradientClipNorm;
  }

  default double getGradientClipNorm() {
    return (Double) getOrDefault(gradientClipNorm());
  }

  default T setGradientClipNorm(double value) {
    set(gradientClipNorm(), value);
    return self();
  }

  default DoubleParam gradientClipValue() {
    return optimizerParams().gradientClipValue;
  }

  default double getGradientClipValue() {
    return (Double) getOrDefault(gradientClipValue());
  }

  default T setGradientClipValue(double value) {
    set(gradientClipValue(), value);
    return self();
  }

  default IntParam gradientAccumulation() {
    return optimizerParams().gradientAccumulation;
  }

  default int getGradientAccumulation() {
    return (Integer) getOrDefault(gradientAccumulation());
  }

  default T setGradientAccumulation(int value) {
    set(gradientAccumulation(), value);
    return self();
  }

  default Param<String> gradientCompression() {
    return optimizerParams().gradientCompression;
  }

  default String getGradientCompression() {
    return getOrDefault(gradientCompression());
  }

  default T setGradientCompression(String value) {
    set(gradientCompression(), value);
    return self();
  }

  default DoubleParam gradientBucketSizeInMB() {
    return optimizerParams().gradientBucketSizeInMB;
  }

  default double getGradientBucketSizeInMB() {
    return (Double) getOrDefault(gradientBucketSizeInMB());
  }

  default T setGradientBucketSizeInMB(double value) {
    set(gradientBucketSizeInMB(), value);
    return self();
  }
}
