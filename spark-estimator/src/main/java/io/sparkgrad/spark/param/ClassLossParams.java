// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** How classes count in the loss of class labels. */
public interface ClassLossParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final DoubleArrayParam classWeights;
    final DoubleParam labelSmoothing;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      classWeights =
          new DoubleArrayParam(
              owner,
              "classWeights",
              "weight of each class in the loss, in the order of the classes; the mean is over these weights, as in PyTorch. Not set: all 1",
              ArrayValidators.WEIGHTS);
      labelSmoothing =
          new DoubleParam(
              owner,
              "labelSmoothing",
              "part of each class label that is spread over all classes, 0 to 1",
              ParamValidators.inRange(0, 1, true, true));
      owner.setDefault(labelSmoothing, 0.0);
    }
  }

  /** The declarations behind the accessors. */
  Declared classLossParams();

  default DoubleArrayParam classWeights() {
    return classLossParams().classWeights;
  }

  default double[] getClassWeights() {
    return getOrDefault(classWeights());
  }

  default T setClassWeights(double... value) {
    set(classWeights(), value);
    return self();
  }

  default DoubleParam labelSmoothing() {
    return classLossParams().labelSmoothing;
  }

  default double getLabelSmoothing() {
    return (Double) getOrDefault(labelSmoothing());
  }

  default T setLabelSmoothing(double value) {
    set(labelSmoothing(), value);
    return self();
  }
}
