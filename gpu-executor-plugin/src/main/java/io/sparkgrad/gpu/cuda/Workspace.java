// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

/**
 * Device memory for one call of the backend, between its kernels. It goes back however the call
 * ends, also for want of memory for its results.
 *
 * @param address 0 for none
 */
record Workspace(DeviceMemory memory, long address) implements AutoCloseable {
  /** Of no bytes there is none. */
  static Workspace of(DeviceMemory memory, long bytes) {
    return new Workspace(memory, bytes == 0 ? 0 : memory.take(bytes));
  }

  @Override
  public void close() {
    if (address != 0) {
      memory.give(address);
    }
  }
}
