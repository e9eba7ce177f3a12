// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** The output column of a network that is neither a classifier nor a regressor. */
public interface OutputParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> outputType;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      outputType =
          new Param<>(
              owner,
              "outputType",
              "type of the prediction column: vector (an ML Vector) or array (array of float), of all numbers the network puts out for a row",
              ParamValidators.inArray(List.of("vector", "array")));
      owner.setDefault(outputType, "vector");
    }
  }

  /** The declarations behind the accessors. */
  Declared outputParams();

  default Param<String> outputType() {
    return outputParams().outputType;
  }

  default String getOutputType() {
    return getOrDefault(outputType());
  }

  default T setOutputType(String value) {
    set(outputType(), value);
    return self();
  }
}
