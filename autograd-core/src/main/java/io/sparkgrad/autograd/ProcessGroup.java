// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/**
 * Processes that run the same network in step, each on a batch of its own, seen from one of them.
 * All make the same calls in the same order, in forward and in backward.
 */
public interface ProcessGroup {
  /**
   * Replaces each value by its sum over all processes, the same bits on each. Waits for the others.
   * A process that has no batch where others have one runs any rows through the network, for the
   * sake of the calls; its summands are zeros, whatever it passes.
   */
  void allReduceSum(double[] values);
}
