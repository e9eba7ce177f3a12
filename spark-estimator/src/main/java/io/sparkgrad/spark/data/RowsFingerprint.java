// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

/**
 * Tells the rows of one fit from those of another. Sums, so that those of all workers add up and
 * the order in which rows arrive does not count.
 *
 * @param rows how many there are
 * @param content of what they hold, wherever they lie
 * @param places of what they hold and where in the DataFrame they lie
 */
public record RowsFingerprint(long rows, long content, long places) {
  public static final RowsFingerprint NONE = new RowsFingerprint(0, 0, 0);

  public RowsFingerprint plus(RowsFingerprint other) {
    return new RowsFingerprint(rows + other.rows, content + other.content, places + other.places);
  }

  /** Of one row more. */
  RowsFingerprint plus(EncodedRow row) {
    long checksum = row.checksum();
    return new RowsFingerprint(
        rows + 1, content + mixed(checksum), places + mixed(checksum + mixed(row.place())));
  }

  /** The finaliser of SplitMix64: without it equal sums of unequal rows would be likely. */
  private static long mixed(long z) {
    long x = (z + 0x9E3779B97F4A7C15L);
    x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
    return x ^ (x >>> 31);
  }
}
