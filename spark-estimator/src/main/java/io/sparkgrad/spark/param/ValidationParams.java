// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** Which rows are held back to validate on, and when training stops by them. */
public interface ValidationParams<T> extends StageParams<T>, SharedParams.Validation {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> validationIndicatorCol;
    final DoubleParam validationFraction;
    final IntParam patience;
    final DoubleParam minDelta;
    final BooleanParam restoreBest;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      validationIndicatorCol =
          new Param<>(
              owner,
              "validationIndicatorCol",
              "boolean column: true for rows that are validated on and not trained on. Not set or empty: none");
      validationFraction =
          new DoubleParam(
              owner,
              "validationFraction",
              "part of the rows that is validated on and not trained on, chosen by seed, if there is no validationIndicatorCol; 0 to below 1",
              ParamValidators.inRange(0, 1, true, false));
      patience =
          new IntParam(
              owner,
              "patience",
              "epochs without a better validation loss after which training stops. 0: it does not stop early",
              ParamValidators.gtEq(0));
      minDelta =
          new DoubleParam(
              owner,
              "minDelta",
              "by how much a validation loss must be lower to be better",
              ParamValidators.gtEq(0));
      restoreBest =
          new BooleanParam(
              owner,
              "restoreBest",
              "whether the model gets the weights of the epoch with the best validation loss, and not those of the last");
      owner.setDefault(validationFraction, 0.0);
      owner.setDefault(patience, 0);
      owner.setDefault(minDelta, 0.0);
      owner.setDefault(restoreBest, true);
    }
  }

  /** The declarations behind the accessors. */
  Declared validationParams();

  @Override
  default Param<String> validationIndicatorCol() {
    return validationParams().validationIndicatorCol;
  }

  default T setValidationIndicatorCol(String value) {
    set(validationIndicatorCol(), value);
    return self();
  }

  default DoubleParam validationFraction() {
    return validationParams().validationFraction;
  }

  default double getValidationFraction() {
    return (Double) getOrDefault(validationFraction());
  }

  default T setValidationFraction(double value) {
    set(validationFraction(), value);
    return self();
  }

  default IntParam patience() {
    return validationParams().patience;
  }

  default int getPatience() {
    return (Integer) getOrDefault(patience());
  }

  default T setPatience(int value) {
    set(patience(), value);
    return self();
  }

  default DoubleParam minDelta() {
    return validationParams().minDelta;
  }

  default double getMinDelta() {
    return (Double) getOrDefault(minDelta());
  }

  default T setMinDelta(double value) {
    set(minDelta(), value);
    return self();
  }

  default BooleanParam restoreBest() {
    return validationParams().restoreBest;
  }

  default boolean getRestoreBest() {
    return (Boolean) getOrDefault(restoreBest());
  }

  default T setRestoreBest(boolean value) {
    set(restoreBest(), value);
    return self();
  }
}
