// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.autograd.op.Abs;
import io.sparkgrad.autograd.op.Add;
import io.sparkgrad.autograd.op.Atan2;
import io.sparkgrad.autograd.op.Clamp;
import io.sparkgrad.autograd.op.Cos;
import io.sparkgrad.autograd.op.Dropout;
import io.sparkgrad.autograd.op.Elu;
import io.sparkgrad.autograd.op.Erf;
import io.sparkgrad.autograd.op.Expm1;
import io.sparkgrad.autograd.op.Gelu;
import io.sparkgrad.autograd.op.Hardtanh;
import io.sparkgrad.autograd.op.LeakyRelu;
import io.sparkgrad.autograd.op.Log;
import io.sparkgrad.autograd.op.Log1p;
import io.sparkgrad.autograd.op.LogSigmoid;
import io.sparkgrad.autograd.op.Maximum;
import io.sparkgrad.autograd.op.Pow;
import io.sparkgrad.autograd.op.RandomFill;
import io.sparkgrad.autograd.op.Reciprocal;
import io.sparkgrad.autograd.op.Rsqrt;
import io.sparkgrad.autograd.op.Silu;
import io.sparkgrad.autograd.op.Sin;
import io.sparkgrad.autograd.op.Softplus;
import io.sparkgrad.autograd.op.StepFunction;
import io.sparkgrad.autograd.op.Sub;
import io.sparkgrad.autograd.op.Tan;
import io.sparkgrad.autograd.op.Where;

/**
 * The part of {@link TensorOperations} that works on each element by itself or on pairs of them.
 */
public abstract sealed class ElementwiseOperations extends TensorValues
    permits ReductionOperations {
  /** {@code this + alpha·other}. */
  public final Tensor add(Tensor other, double alpha) {
    return Add.of(self(), scaled(other, alpha));
  }

  public final Tensor sub(Tensor other, double alpha) {
    return Sub.of(self(), scaled(other, alpha));
  }

  private static Tensor scaled(Tensor x, double alpha) {
    return alpha == 1 ? x : x.mul(alpha);
  }

  public final Tensor reciprocal() {
    return Reciprocal.of(self());
  }

  public final Tensor pow(Tensor exponent) {
    return Pow.of(self(), exponent);
  }

  /** A number to the power of each element. */
  public static Tensor pow(double base, Tensor exponent) {
    return Pow.of(base, exponent);
  }

  public final Tensor maximum(Tensor other) {
    return Maximum.of(self(), other);
  }

  public final Tensor minimum(Tensor other) {
    return Maximum.minimum(self(), other);
  }

  /** {@code a} where the condition is not 0, else {@code b}; see {@link Where} on gradients. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Where.of(condition, a, b);
  }

  public final Tensor abs() {
    return Abs.of(self());
  }

  public final Tensor sign() {
    return StepFunction.sign(self());
  }

  public final Tensor floor() {
    return StepFunction.floor(self());
  }

  public final Tensor ceil() {
    return StepFunction.ceil(self());
  }

  /** To the nearest integer; halves to the even one. */
  public final Tensor round() {
    return StepFunction.round(self());
  }

  public final Tensor trunc() {
    return StepFunction.trunc(self());
  }

  public final Tensor expm1() {
    return Expm1.of(self());
  }

  public final Tensor log1p() {
    return Log1p.of(self());
  }

  public final Tensor log2() {
    return Log.of(self()).div(Math.log(2));
  }

  public final Tensor log10() {
    return Log.of(self()).div(Math.log(10));
  }

  public final Tensor rsqrt() {
    return Rsqrt.of(self());
  }

  public final Tensor sin() {
    return Sin.of(self());
  }

  public final Tensor cos() {
    return Cos.of(self());
  }

  public final Tensor tan() {
    return Tan.of(self());
  }

  public final Tensor erf() {
    return Erf.of(self());
  }

  /** The angle of the point {@code (other, this)}. */
  public final Tensor atan2(Tensor other) {
    return Atan2.of(self(), other);
  }

  /** From this to {@code end}: exactly these at the weights 0 and 1. */
  public final Tensor lerp(Tensor end, double weight) {
    return weight < 0.5
        ? Add.of(self(), Sub.of(end, self()).mul(weight))
        : Sub.of(end, Sub.of(end, self()).mul(1 - weight));
  }

  public final Tensor lerp(Tensor end, Tensor weight) {
    return Add.of(self(), weight.mul(Sub.of(end, self())));
  }

  /** Cut to an interval; derivative 1 on the bounds. */
  public final Tensor clamp(double min, double max) {
    return Clamp.of(self(), min, max);
  }

  public final Tensor clamp(Tensor min, Tensor max) {
    return clampMin(min).clampMax(max);
  }

  public final Tensor clampMin(double min) {
    return Clamp.of(self(), min, Double.POSITIVE_INFINITY);
  }

  public final Tensor clampMin(Tensor min) {
    return Clamp.min(self(), min);
  }

  public final Tensor clampMax(double max) {
    return Clamp.of(self(), Double.NEGATIVE_INFINITY, max);
  }

  public final Tensor clampMax(Tensor max) {
    return Clamp.max(self(), max);
  }

  public final Tensor logSigmoid() {
    return LogSigmoid.of(self());
  }

  public final Tensor leakyRelu(double negativeSlope) {
    return LeakyRelu.of(self(), negativeSlope);
  }

  public final Tensor elu(double alpha) {
    return Elu.of(self(), alpha);
  }

  public final Tensor gelu() {
    return Gelu.of(self());
  }

  /** GELU through tanh: {@code approximate="tanh"}. */
  public final Tensor geluTanh() {
    return Gelu.tanh(self());
  }

  public final Tensor silu() {
    return Silu.of(self());
  }

  public final Tensor softplus() {
    return Softplus.of(self(), 1, 20);
  }

  public final Tensor softplus(double beta, double threshold) {
    return Softplus.of(self(), beta, threshold);
  }

  /** Cut to an interval; derivative 0 on the bounds. */
  public final Tensor hardtanh(double min, double max) {
    return Hardtanh.of(self(), min, max);
  }

  public final Tensor relu6() {
    return Hardtanh.of(self(), 0, 6);
  }

  /** {@code relu6(x + 3)/6}; derivative 0 on both bounds. */
  public final Tensor hardsigmoid() {
    return self().add(3).relu6().div(6);
  }

  /** {@code x·relu6(x + 3)/6}; derivative 0 at −3 and 1 at 3. */
  public final Tensor hardswish() {
    return self().mul(self().add(3).relu6()).div(6);
  }

  // At random

  /** In training 0 in place of each element with probability p, the others scaled to match. */
  public final Tensor dropout(double p, boolean training) {
    return Dropout.of(self(), p, training);
  }

  /** In place, uniform in {@code [low, high)}. */
  public final Tensor uniform_(double low, double high, Generator generator) {
    return RandomFill.uniform(self(), low, high, generator);
  }

  /** In place, of this mean and standard deviation. */
  public final Tensor normal_(double mean, double std, Generator generator) {
    return RandomFill.normal(self(), mean, std, generator);
  }

  /** In place, 1 with probability p and else 0. */
  public final Tensor bernoulli_(double p, Generator generator) {
    return RandomFill.bernoulli(self(), p, generator);
  }
}
