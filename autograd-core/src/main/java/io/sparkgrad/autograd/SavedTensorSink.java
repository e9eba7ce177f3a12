// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** Where tensors go that would be saved, while a checkpoint runs a part of the network. */
@FunctionalInterface
interface SavedTensorSink {
  /**
   * @param user the node that needs it
   */
  Slot take(String user, Tensor tensor);

  /** The place of one saved tensor. */
  interface Slot {
    /** Its values, computed again if need be. */
    Tensor get();

    void release();
  }
}
