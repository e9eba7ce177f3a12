// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** What training starts from. */
public interface InitialWeightsParams<T> extends StageParams<T> {

  /** Each Param with its doc, validator and default. */
  final class Declared implements Serializable {
    private static final long serialVersionUID = 1L;

    final Param<String> initialWeights;
    final BytesParam initialModel;
    final StringArrayParam initialWeightsMapping;
    final StringArrayParam initialWeightsIgnore;
    final BooleanParam initialWeightsStrict;

    /** Declares the Params of {@code owner}, whose uid is set already, and their defaults. */
    public Declared(Params owner) {
      initialWeights =
          new Param<>(
              owner,
              "initialWeights",
              "safetensors file to start from, or a saved model, on any Hadoop file system; parameters it lacks start as initialised from seed");
      initialModel =
          new BytesParam(owner, "initialModel", "weights to start from, of a fitted model");
      initialWeightsMapping =
          new StringArrayParam(
              owner,
              "initialWeightsMapping",
              "names in the file and what they are in the network: prefixes as old=new, for example model.=, or fc.=head.; the first that fits counts");
      initialWeightsIgnore =
          new StringArrayParam(
              owner,
              "initialWeightsIgnore",
              "tensors of the file that are not loaded, names or globs after the mapping: for example the head that is replaced");
      initialWeightsStrict =
          new BooleanParam(
              owner,
              "initialWeightsStrict",
              "whether every parameter and buffer of the network must be in the file");
      owner.setDefault(initialWeightsMapping, new String[0]);
      owner.setDefault(initialWeightsIgnore, new String[0]);
      owner.setDefault(initialWeightsStrict, false);
    }
  }

  /** The declarations behind the accessors. */
  Declared initialWeightsParams();

  default Param<String> initialWeights() {
    return initialWeightsParams().initialWeights;
  }

  default String getInitialWeights() {
    return getOrDefault(initialWeights());
  }

  default T setInitialWeights(String value) {
    set(initialWeights(), value);
    return self();
  }

  default BytesParam initialModel() {
    return initialWeightsParams().initialModel;
  }

  default byte[] getInitialModel() {
    return getOrDefault(initialModel());
  }

  default StringArrayParam initialWeightsMapping() {
    return initialWeightsParams().initialWeightsMapping;
  }

  default String[] getInitialWeightsMapping() {
    return getOrDefault(initialWeightsMapping());
  }

  default T setInitialWeightsMapping(String... value) {
    set(initialWeightsMapping(), value);
    return self();
  }

  default StringArrayParam initialWeightsIgnore() {
    return initialWeightsParams().initialWeightsIgnore;
  }

  default String[] getInitialWeightsIgnore() {
    return getOrDefault(initialWeightsIgnore());
  }

  default T setInitialWeightsIgnore(String... value) {
    set(initialWeightsIgnore(), value);
    return self();
  }

  default BooleanParam initialWeightsStrict() {
    return initialWeightsParams().initialWeightsStrict;
  }

  default boolean getInitialWeightsStrict() {
    return (Boolean) getOrDefault(initialWeightsStrict());
  }

  default T setInitialWeightsStrict(boolean value) {
    set(initialWeightsStrict(), value);
    return self();
  }
}
