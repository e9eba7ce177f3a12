// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * One step of PyTorch's SGD.
 *
 * @param maximize whether the gradient is negated first, before the weight decay
 * @param firstStep whether momentum buffers are to be started with the gradient, undampened
 */
public record SgdStep(
    double lr,
    double momentum,
    double dampening,
    double weightDecay,
    boolean nesterov,
    boolean maximize,
    boolean firstStep) {}
