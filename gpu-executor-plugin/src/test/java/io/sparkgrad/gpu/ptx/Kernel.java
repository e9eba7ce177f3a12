// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;

/**
 * A kernel ready to run.
 *
 * @param code instructions; branches go to indices
 * @param parameterBytes size of the packed parameters
 * @param staticSharedBytes shared memory that the kernel declares, up to where the dynamic starts
 * @param localBytes local memory of one thread
 * @param sites number of accesses to global memory in the code
 * @param maxThreads the most threads of a block, 0 for no limit of its own
 * @param source the lines of the text
 */
record Kernel(
    String name,
    Instruction[] code,
    Registers registers,
    int parameterBytes,
    int staticSharedBytes,
    int localBytes,
    int sites,
    int maxThreads,
    List<String> source) {}
