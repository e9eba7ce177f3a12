// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

/**
 * What kernels are chosen by.
 *
 * @param name as the driver prints it
 * @param computeCapability 10·major + minor: 75 for 7.5
 * @param multiprocessors how many blocks run side by side, at least
 * @param sharedBytesPerBlock the most that one block may ask for
 */
public record DeviceProperties(
    String name, int computeCapability, int multiprocessors, int sharedBytesPerBlock) {}
