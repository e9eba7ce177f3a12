// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * One step of PyTorch's SGD.
 *
 * @param firstStep whether the momentum buffer is to be started with the gradient, undampened
 */
public record SgdStep(
    double lr,
    double momentum,
    double dampening,
    double weightDecay,
    boolean nesterov,
    boolean firstStep) {}
