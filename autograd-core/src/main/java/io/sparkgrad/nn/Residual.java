// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A branch beside a shortcut: {@code x + branch(x)}, where the branch is a sequence that keeps the
 * shape.
 */
public final class Residual extends Sequential {
  public Residual(Module... layers) {
    super(layers);
  }

  public Residual(Map<String, Module> layers) {
    super(layers);
  }

  static Residual fromJson(LayerArguments a) {
    return new Residual(children(a));
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.add(super.forward(x));
  }

  @Override
  public Tensor forward(List<Tensor> inputs) {
    return forward(only(inputs));
  }
}
