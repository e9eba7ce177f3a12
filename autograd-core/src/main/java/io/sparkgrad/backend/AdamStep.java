// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * One step of PyTorch's Adam or AdamW.
 *
 * @param step which step this is, from 1
 * @param decoupled AdamW: the weight is decayed directly instead of through the gradient
 */
public record AdamStep(
    double lr,
    double beta1,
    double beta2,
    double eps,
    double weightDecay,
    boolean decoupled,
    long step) {}
