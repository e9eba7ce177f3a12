// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.data;

/** Says how much of the heap may be taken. */
public interface MemoryGrant {
  /** Takes so many bytes; false if they are not to be had, in which case none are taken. */
  boolean acquire(long bytes);

  /** Gives back what was taken. */
  void release(long bytes);
}
