// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import org.jspecify.annotations.Nullable;

/**
 * What one candidate made of a workload.
 *
 * @param about what was measured: version, backend, threads
 * @param timings null if it did not run; then {@code reason} says why
 * @param difference from the reference; null for the reference and where there is none
 * @param failed whether it should have worked and did not
 */
record Lane(
    String candidate,
    String about,
    @Nullable Timings timings,
    @Nullable Difference difference,
    String reason,
    boolean failed) {
  /** As far as it was compared. */
  boolean computesTheSame() {
    return difference == null || difference.acceptable();
  }
}
