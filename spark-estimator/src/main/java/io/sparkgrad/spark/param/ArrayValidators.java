// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.param;

import java.io.Serializable;
import java.util.Arrays;
import scala.Function1;

/** Validators of array Params, which Spark's {@code ParamValidators} lacks. */
final class ArrayValidators {
  private ArrayValidators() {}

  /** Spark's rule for thresholds: none negative, at most one 0. */
  static final Function1<double[], Object> THRESHOLDS =
      serializable(
          t ->
              Arrays.stream(t).allMatch(x -> x >= 0)
                  && Arrays.stream(t).filter(x -> x == 0).count() <= 1);

  /** Finite, none negative, not all 0. */
  static final Function1<double[], Object> WEIGHTS =
      serializable(
          w ->
              Arrays.stream(w).allMatch(x -> x >= 0 && Double.isFinite(x))
                  && Arrays.stream(w).anyMatch(x -> x > 0));

  private interface Validator extends Function1<double[], Object>, Serializable {}

  private static Function1<double[], Object> serializable(Validator validator) {
    return validator;
  }
}
