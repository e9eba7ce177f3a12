// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import org.apache.spark.ml.param.Params;

/**
 * What all groups of Params share: setters give back the stage, so that they chain.
 *
 * @param <T> the stage
 */
public interface StageParams<T> extends Params {
  /** This stage. */
  @SuppressWarnings("unchecked")
  default T self() {
    return (T) this;
  }
}
