// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The vertex of a custom {@link Function}: any number of results, one context. */
final class FunctionNode extends Node {
  private final Function function;
  private final Function.Context ctx;

  /**
   * @param results of forward; only shape, type and device are kept
   */
  FunctionNode(Function function, Function.Context ctx, Tensor[] results, @Nullable Edge[] next) {
    super(
        function.name() + "Backward",
        Arrays.stream(results).map(Output::of).toArray(Output[]::new),
        false,
        next);
    this.function = function;
    this.ctx = ctx;
  }

  @Override
  @Nullable Tensor[] apply(@Nullable Tensor[] gradOutputs, Backward.Needs needs) {
    @Nullable Tensor[] incoming = gradOutputs.clone();
    if (ctx.materializesGrads()) {
      for (int i = 0; i < incoming.length; i++) {
        if (incoming[i] == null) {
          incoming[i] = output(i).zeros();
        }
      }
    }
    return checked(
        ctx.ofTensors(
            function.onceDifferentiable() && GradMode.isEnabled()
                ? once(incoming)
                : function.backward(ctx, incoming)));
  }

  /** Not recorded; whoever wants a gradient of the gradient is told why there is none. */
  private @Nullable Tensor[] once(@Nullable Tensor[] incoming) {
    @Nullable Tensor[] grads;
    try (var mode = GradMode.noGrad()) {
      grads = function.backward(ctx, incoming).clone();
    }
    Tensor[] sources = Arrays.stream(incoming).filter(Objects::nonNull).toArray(Tensor[]::new);
    for (int i = 0; i < grads.length; i++) {
      Tensor grad = grads[i];
      if (grad != null) {
        grads[i] =
            Tape.record(
                "OnceDifferentiable",
                grad.detach(),
                sources,
                saver ->
                    (g, needs) -> {
                      throw new AutogradException(
                          "trying to differentiate twice %s, which was marked once_differentiable; write its backward with differentiable operations."
                              .formatted(function.name()));
                    });
      }
    }
    return grads;
  }

  @Override
  void release() {
    ctx.release();
  }
}
