// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

/**
 * One kernel with everything it is started with.
 *
 * @param function from {@link CudaDriver#function}
 * @param entry its name, for messages
 * @param sharedBytes of dynamic shared memory
 */
public record KernelLaunch(
    long function, String entry, Dim3 grid, Dim3 block, int sharedBytes, Arguments arguments) {

  /** For messages: {@code sum_f32 with a grid of 4x1x1 blocks of 256x1x1 threads}. */
  @Override
  public String toString() {
    return "%s with a grid of %s blocks of %s threads and %d bytes of shared memory"
        .formatted(entry, grid, block, sharedBytes);
  }

  /** Sizes of a grid in blocks or of a block in threads. */
  public record Dim3(int x, int y, int z) {
    public static Dim3 of(int x) {
      return new Dim3(x, 1, 1);
    }

    public static Dim3 of(int x, int y) {
      return new Dim3(x, y, 1);
    }

    @Override
    public String toString() {
      return "%dx%dx%d".formatted(x, y, z);
    }
  }
}
