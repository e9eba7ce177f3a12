// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.util.function.ToLongFunction;

/**
 * One launch of a kernel.
 *
 * @param sharedBytes the dynamic shared memory
 * @param parameters as packed for the entry point
 * @param addresses where the module's variables lie
 * @param staticSharedBytes shared memory that the kernel declares
 */
record Launch(
    Dim3 grid,
    Dim3 block,
    int sharedBytes,
    byte[] parameters,
    DeviceMemory memory,
    ToLongFunction<Variable> addresses,
    int staticSharedBytes) {

  /** Where the dynamic shared memory starts. */
  long dynamicShared() {
    return staticSharedBytes;
  }
}
