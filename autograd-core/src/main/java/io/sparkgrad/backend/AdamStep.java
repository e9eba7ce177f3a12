// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * One step of PyTorch's Adam or AdamW.
 *
 * @param decoupled AdamW: the weight is decayed directly instead of through the gradient
 * @param maximize whether the gradient is negated first, before the weight decay
 * @param step which step this is, from 1
 */
public record AdamStep(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    boolean decoupled,
    boolean maximize,
    long step) {}
