// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.Backward.grads;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NodeHooksTest {
  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  @Test
  @DisplayName("HOOK-7, F06: three doubling pre-hooks on 2·a give gradOutput 8, gradInput 16")
  void prehooks() {
    Tensor a = leaf(1);
    Tensor b = a.mul(2);
    for (int i = 0; i < 3; i++) {
      b.gradFn().registerPrehook(g -> grads(g[0].mul(2)));
    }
    List<Double> seen = new ArrayList<>();
    b.gradFn()
        .registerHook(
            (in, out) -> {
              seen.add(out[0].item());
              seen.add(in[0].item());
              return null;
            });
    b.backward();
    assertEquals(List.of(8.0, 16.0), seen);
    values(a.grad(), 16);
  }

  @Test
  @DisplayName("HOOK-7: order, replacement of the gradients, removal while hooks run")
  void order() {
    List<String> log = new ArrayList<>();
    Tensor a = leaf(1);
    Tensor b = a.mul(2);
    Node node = b.gradFn();
    Handle[] handle = new Handle[1];
    handle[0] =
        node.registerHook(
            (in, out) -> {
              handle[0].remove();
              handle[0].remove();
              log.add("post");
              return grads(in[0].mul(10));
            });
    node.registerPrehook(
        g -> {
          log.add("pre");
          return null;
        });
    b.registerHook(
        g -> {
          log.add("tensor");
          return null;
        });
    b.backward();
    values(a.grad(), 20);
    b.backward();
    values(a.grad(), 22);
    assertEquals(List.of("tensor", "pre", "post", "tensor", "pre"), log);
  }

  @Test
  @DisplayName("HOOK-7: as many gradients as there were, or an error")
  void wrongNumber() {
    Tensor b = leaf(1).mul(2);
    b.gradFn().registerHook((in, out) -> new Tensor[0]);
    Throws.saying(
        AutogradException.class,
        b::backward,
        "hook of MulBackward: returned an incorrect number of gradients: expected 1, got 0");
  }

  @Test
  @DisplayName(
      "HOOK-8: on a leaf tensor hook, pre-hook, accumulate, post-accumulate hook, post-hook")
  void leafOrder() {
    Tensor a = leaf(1);
    Tensor b = a.mul(2);
    List<String> log = new ArrayList<>();
    Node accumulate = b.gradFn().nextFunctions().get(0).node();
    accumulate.registerHook(
        (in, out) -> {
          log.add("post-hook");
          return null;
        });
    a.registerPostAccumulateGradHook(t -> log.add("post-accumulate " + t.grad().item()));
    accumulate.registerPrehook(
        g -> {
          log.add("pre-hook " + a.grad());
          return grads(g[0].mul(3));
        });
    a.registerHook(
        g -> {
          log.add("tensor hook");
          return null;
        });
    b.backward();
    assertEquals(List.of("tensor hook", "pre-hook null", "post-accumulate 6.0", "post-hook"), log);
  }

  @Test
  @DisplayName("HOOK-6: grad() does not run the node hooks of what it captures")
  void captured() {
    Tensor a = leaf(1);
    Tensor b = a.mul(2);
    b.gradFn().registerPrehook(g -> grads(g[0].mul(100)));
    values(Autograd.grad(List.of(b.mul(3)), List.of(b), null, Autograd.Options.DEFAULT).get(0), 3);
  }
}
