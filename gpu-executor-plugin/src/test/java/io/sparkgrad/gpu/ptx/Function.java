// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.List;

/**
 * A function or an entry point.
 *
 * @param body empty for a declaration, whose definition follows or is elsewhere
 * @param maxThreads the most threads of a block that {@code .maxntid} or {@code .reqntid} allow, 0
 *     if neither is there
 */
record Function(
    String name,
    boolean entry,
    List<Variable> results,
    List<Variable> parameters,
    List<Item> body,
    int maxThreads) {}
