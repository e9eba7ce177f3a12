// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the engine does between nodes, seen through nodes that write down what they get. */
class EngineRulesTest {
  private static final Autograd.Options CREATE = Autograd.Options.DEFAULT.withCreateGraph(true);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  /** The identity; lists the gradients that arrive, and passes on what {@code backward} makes. */
  private static Tensor seen(Tensor x, List<Tensor> log, Backward backward) {
    return Tape.record(
        "Seen",
        x.detach().copy(),
        new Tensor[] {x},
        saver ->
            (g, needs) -> {
              log.add(g);
              return backward.backward(g, needs);
            });
  }

  private static Tensor seen(Tensor x, List<Tensor> log) {
    return seen(x, log, (g, needs) -> Backward.grads(g));
  }

  @Test
  @DisplayName("ENG-1: a node waits for every use, also for one whose gradient is undefined")
  void dependencies() {
    List<Tensor> log = new ArrayList<>();
    Tensor x = leaf(1);
    Tensor shared = seen(x, log);
    Tensor none = seen(shared, new ArrayList<>(), (g, needs) -> Backward.grads((Tensor) null));
    shared.mul(2).add(none).add(shared.mul(3)).backward();
    assertEquals(1, log.size());
    values(log.get(0), 5);
    values(x.grad(), 5);
  }

  @Test
  @DisplayName("ENG-3, BWD-5: several roots are one pass: a shared node runs once")
  void roots() {
    List<Tensor> log = new ArrayList<>();
    Tensor x = leaf(1);
    Tensor shared = seen(x, log);
    Autograd.backward(
        List.of(shared.mul(2), shared.mul(3), shared), null, Autograd.Options.DEFAULT);
    assertEquals(1, log.size());
    values(x.grad(), 6);
  }

  @Test
  @DisplayName("ENG-4, BWD-17: sums are out of place: what one use delivered stays as it was")
  void buffers() {
    Tensor first = v(1, 1);
    List<Tensor> log = new ArrayList<>();
    Tensor x = leaf(5, 5);
    Tensor shared = seen(x, log);
    Tensor sum = seen(shared, new ArrayList<>(), (g, needs) -> Backward.grads(first));
    for (int i = 0; i < 2; i++) {
      sum = sum.add(seen(shared, new ArrayList<>(), (g, needs) -> Backward.grads(first)));
    }
    sum.backward(v(1, 1));
    values(log.get(0), 3, 3);
    values(first, 1, 1);
    assertEquals(0, first.version());
  }

  @Test
  @DisplayName("ENG-6, BWD-12: with grad() nodes that lead to no input do not run, at any depth")
  void reachability() {
    List<Tensor> log = new ArrayList<>();
    Tensor x = leaf(2);
    Tensor other = leaf(1);
    Tensor unrelated = seen(other, log);
    for (int i = 0; i < 50_000; i++) {
      unrelated = unrelated.add(1);
    }
    Tensor y = x.square().add(seen(unrelated, log));
    values(Autograd.grad(List.of(y), List.of(x), null, Autograd.Options.DEFAULT).get(0), 4);
    assertEquals(List.of(), log);
    assertNull(other.grad());
  }

  @Test
  @DisplayName("ENG-7: a pass runs on the thread that called it")
  void callersThread() {
    List<Thread> threads = new ArrayList<>();
    Tensor y =
        seen(
            leaf(1),
            new ArrayList<>(),
            (g, needs) -> {
              threads.add(Thread.currentThread());
              return Backward.grads(g);
            });
    y.backward();
    assertEquals(List.of(Thread.currentThread()), threads);
  }

  @Test
  @DisplayName("DBL-1: with createGraph what backward computes is recorded, without it nothing is")
  void recordedBackward() {
    Tensor x = leaf(2);
    Tensor y = x.pow(3);
    Tensor first = Autograd.grad(List.of(y), List.of(x), null, CREATE).get(0);
    assertNotNull(first.gradFn());
    values(Autograd.grad(List.of(first), List.of(x), null, CREATE).get(0), 12);
    assertNull(
        Autograd.grad(List.of(y), List.of(x), null, Autograd.Options.DEFAULT).get(0).gradFn());
  }

  @Test
  @DisplayName("DBL-3: the second derivative of relu is zero, not an error")
  void zeroSecondDerivative() {
    Tensor x = leaf(-1, 2);
    Tensor first = Autograd.grad(List.of(x.relu().sum()), List.of(x), null, CREATE).get(0);
    values(first, 0, 1);
    values(
        Autograd.grad(List.of(first.sum()), List.of(x), null, Autograd.Options.DEFAULT).get(0),
        0,
        0);
  }

  @Test
  @DisplayName("BWD-13, E13: materializeGrads implies allowUnused; saying false is an error")
  void materialized() {
    Tensor x = leaf(1);
    Autograd.Options options = Autograd.Options.DEFAULT.withMaterializeGrads(true);
    values(Autograd.grad(List.of(leaf(1).mul(2)), List.of(x), null, options).get(0), 0);
    Throws.saying(
        IllegalArgumentException.class,
        () -> Autograd.grad(List.of(x.mul(2)), List.of(x), null, options.withAllowUnused(false)),
        "allow_unused",
        "materialize_grads");
  }

  @Test
  @DisplayName("VIEW-7, BWD-7: the gradient of an expanded tensor is dense and not shared")
  void dense() {
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    x.add(y).sum().backward(); // both get the same expanded one
    assertEquals(2, x.grad().buffer().length());
    assertEquals(Shape.of(2), x.grad().shape());
    try (var mode = GradMode.noGrad()) {
      x.grad().mul_(5);
    }
    values(y.grad(), 1, 1);
  }

  @Test
  @DisplayName("FLAG-13: a custom function has one edge per tensor, and results know their number")
  void edges() {
    Tensor x = leaf(1);
    Function f =
        new Function() {
          @Override
          protected Tensor[] forward(Context ctx, Object... args) {
            return Backward.grads(x.mul(2), x.mul(3));
          }

          @Override
          protected Tensor[] backward(Context ctx, Tensor... g) {
            return Backward.grads(null, g[0].add(g[1]), null);
          }
        };
    Tensor[] results = f.applyAll("mode", x, v(1));
    Node node = results[1].gradFn();
    assertSame(node, results[0].gradFn());
    assertEquals(2, node.nextFunctions().size());
    assertSame(x, node.nextFunctions().get(0).node().variable());
    assertNull(node.nextFunctions().get(1));
    assertEquals(1, results[1].mul(2).gradFn().nextFunctions().get(0).outputNr());
  }
}
