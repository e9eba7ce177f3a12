// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The columns of a classifier besides its prediction, and how it chooses a class. */
public interface ProbabilityParams<T> extends StageParams<T>, SharedParams.Probabilities {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> rawPredictionCol;
    final Param<String> probabilityCol;
    final DoubleArrayParam thresholds;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      rawPredictionCol =
          new Param<>(
              owner,
              "rawPredictionCol",
              "output column: the vector the network puts out (logits); empty: none");
      probabilityCol =
          new Param<>(
              owner,
              "probabilityCol",
              "output column: the vector of class probabilities (softmax of the network's output); empty: none");
      thresholds =
          new DoubleArrayParam(
              owner,
              "thresholds",
              "one number for each class, 0 or more and at most one of them 0: the class with the largest probability / threshold is predicted",
              ArrayValidators.THRESHOLDS);
      owner.setDefault(rawPredictionCol, "rawPrediction");
      owner.setDefault(probabilityCol, "probability");
    }
  }

  /** The declarations behind the accessors. */
  Declared probabilityParams();

  @Override
  default Param<String> rawPredictionCol() {
    return probabilityParams().rawPredictionCol;
  }

  default T setRawPredictionCol(String value) {
    set(rawPredictionCol(), value);
    return self();
  }

  @Override
  default Param<String> probabilityCol() {
    return probabilityParams().probabilityCol;
  }

  default T setProbabilityCol(String value) {
    set(probabilityCol(), value);
    return self();
  }

  @Override
  default DoubleArrayParam thresholds() {
    return probabilityParams().thresholds;
  }

  default T setThresholds(double... value) {
    set(thresholds(), value);
    return self();
  }
}
