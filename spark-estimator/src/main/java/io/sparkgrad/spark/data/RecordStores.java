// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

/** Opens stores for records; who opens one closes it. */
@FunctionalInterface
public interface RecordStores {
  /**
   * A new, empty store.
   *
   * @param recordBytes size of each record
   */
  RecordStore open(int recordBytes);
}
