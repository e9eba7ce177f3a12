// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.loss;

import io.sparkgrad.autograd.Tensor;

/** How far a network's output is from what it should be. */
@FunctionalInterface
public interface Loss {
  Tensor forward(Tensor input, Tensor target);
}
