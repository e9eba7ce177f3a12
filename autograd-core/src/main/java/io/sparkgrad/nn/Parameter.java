// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.Tensor;

/**
 * A leaf tensor that a module learns; requires a gradient unless said otherwise, also when made
 * under noGrad.
 */
public final class Parameter extends Tensor {
  public Parameter(Tensor data) {
    this(data, true);
  }

  public Parameter(Tensor data, boolean requiresGrad) {
    super(data, requiresGrad);
  }
}
