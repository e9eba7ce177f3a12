// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

import java.io.Serializable;

/**
 * Which rows are validated on and not trained on. Crosses to the executors inside closures.
 *
 * @param indicatorCol a boolean column that says so; empty if there is none
 * @param fraction of the rows, where there is no such column, at least 0 and less than 1
 * @param seed decides which rows, together with their places in the DataFrame
 */
public record ValidationSplit(String indicatorCol, double fraction, long seed)
    implements Serializable {
  /** All rows are trained on. */
  public static final ValidationSplit NONE = new ValidationSplit("", 0, 0);

  /** Those that are true in a boolean column. */
  public static ValidationSplit byColumn(String indicatorCol) {
    return new ValidationSplit(indicatorCol, 0, 0);
  }

  /** About so many rows, the same ones every time. */
  public static ValidationSplit byFraction(double fraction, long seed) {
    return new ValidationSplit("", fraction, seed);
  }

  /** Whether the row at this place is one of the fraction. */
  boolean holdsBack(long place) {
    // The finaliser of SplitMix64 (Steele, Lea and Flood 2014) over seed and place: 53 even bits.
    long z = (place + 1) * 0x9E3779B97F4A7C15L + seed * 0xD1342543DE82EF95L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return ((z ^ (z >>> 31)) >>> 11) * 0x1p-53 < fraction;
  }
}
