// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;

import io.sparkgrad.backend.BackendException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;

/**
 * The arguments of a kernel in native memory, in the form that {@code cuLaunchKernel} calls extra:
 * one buffer and its size. Written anew for each launch, so that a launch makes no garbage; whoever
 * writes holds the lock until the driver has read.
 */
final class LaunchParameters {
  /** CUDA's limit. */
  private static final int MOST = 4096;

  private static final int SIZE = 5 * Long.BYTES;
  private static final int ARGUMENTS = 64;

  private static final long END = 0;
  private static final long BUFFER_POINTER = 1;
  private static final long BUFFER_SIZE = 2;

  private final RawPointers.Host memory = new RawPointers.Host();
  private final ByteBuffer bytes;

  LaunchParameters() {
    CudaStatus.check(cuMemAllocHost(memory, ARGUMENTS + MOST), "cuMemAllocHost", ARGUMENTS + MOST);
    bytes = memory.getByteBuffer(0, ARGUMENTS + MOST).order(ByteOrder.nativeOrder());
    bytes
        .putLong(BUFFER_POINTER)
        .putLong(memory.address() + ARGUMENTS)
        .putLong(BUFFER_SIZE)
        .putLong(memory.address() + SIZE)
        .putLong(END);
  }

  /** What {@code extra} points to from now on until the next call. */
  Pointer write(KernelLaunch launch) {
    Arguments arguments = launch.arguments();
    if (arguments.size() > MOST) {
      throw new BackendException(
          "CUDA: %s has %d bytes of arguments, expected at most %d; put what is more into a buffer."
              .formatted(launch.entry(), arguments.size(), MOST));
    }
    bytes.putLong(SIZE, arguments.size());
    bytes.position(ARGUMENTS);
    arguments.copyTo(bytes);
    return memory;
  }

  void free() {
    CudaStatus.check(cuMemFreeHost(memory), "cuMemFreeHost");
  }
}
