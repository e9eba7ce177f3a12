// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** What labels are, where the loss leaves it open. */
public interface LabelParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> labelType;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      labelType =
          new Param<>(
              owner,
              "labelType",
              "what labels are: class (numbers 0, 1, 2, ...), values (numbers as the network puts them out), or auto (class for crossEntropy and nll with a numeric label column, else values)",
              ParamValidators.inArray(List.of("auto", "class", "values")));
      owner.setDefault(labelType, "auto");
    }
  }

  /** The declarations behind the accessors. */
  Declared labelParams();

  default Param<String> labelType() {
    return labelParams().labelType;
  }

  default String getLabelType() {
    return getOrDefault(labelType());
  }

  default T setLabelType(String value) {
    set(labelType(), value);
    return self();
  }
}
