// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** Where a loss goes over from squares to distances. */
public interface LossThresholdParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final DoubleParam lossThreshold;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      lossThreshold =
          new DoubleParam(
              owner,
              "lossThreshold",
              "beta of smoothL1 and delta of huber: errors below it count squared, larger ones by their distance",
              ParamValidators.gt(0));
      owner.setDefault(lossThreshold, 1.0);
    }
  }

  /** The declarations behind the accessors. */
  Declared lossThresholdParams();

  default DoubleParam lossThreshold() {
    return lossThresholdParams().lossThreshold;
  }

  default double getLossThreshold() {
    return (Double) getOrDefault(lossThreshold());
  }

  default T setLossThreshold(double value) {
    set(lossThreshold(), value);
    return self();
  }
}
