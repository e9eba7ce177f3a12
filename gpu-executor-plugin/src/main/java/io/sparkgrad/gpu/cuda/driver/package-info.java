// SPDX-License-Identifier: Apache-2.0
/**
 * The CUDA driver's calls, behind an interface: JCuda on a machine with a GPU, an emulator in
 * tests. Addresses and handles are numbers, statuses are exceptions; nothing here knows a tensor.
 */
@NullMarked
package io.sparkgrad.gpu.cuda.driver;

import org.jspecify.annotations.NullMarked;
