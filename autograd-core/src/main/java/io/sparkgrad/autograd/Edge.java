// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** Where a gradient goes: output number {@code outputNr} of {@code node}'s forward operation. */
public record Edge(Node node, int outputNr) {}
