// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** What an instruction does. */
@FunctionalInterface
interface Body {
  /**
   * Executes it for some lanes.
   *
   * @param lanes a bit for each lane that is active and whose guard holds; never 0
   */
  void run(Warp warp, int lanes);
}
