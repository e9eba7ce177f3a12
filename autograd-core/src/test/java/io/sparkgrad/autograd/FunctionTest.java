// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.Backward.grads;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FunctionTest {
  private static final Autograd.Options CREATE = Autograd.Options.DEFAULT.withCreateGraph(true);
  private static final Autograd.Options RETAIN = Autograd.Options.DEFAULT.withRetainGraph(true);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  /** A function from its two halves. */
  private static Function of(
      BiFunction<Function.Context, Object[], Tensor[]> forward,
      BiFunction<Function.Context, Tensor[], Tensor[]> backward) {
    return new Function() {
      @Override
      protected Tensor[] forward(Context ctx, Object... args) {
        return forward.apply(ctx, args);
      }

      @Override
      protected Tensor[] backward(Context ctx, Tensor... gradOutputs) {
        return backward.apply(ctx, gradOutputs);
      }
    };
  }

  /** A copy whose backward returns this. */
  private static Tensor returning(Tensor x, Tensor... gradients) {
    return of((ctx, a) -> grads(x.copy()), (ctx, g) -> gradients).apply(x);
  }

  /** The square, which saves its input. */
  private static final class Square extends Function {
    private final boolean once;

    Square(boolean once) {
      this.once = once;
    }

    @Override
    protected Tensor[] forward(Context ctx, Object... args) {
      Tensor x = (Tensor) args[0];
      ctx.saveForBackward(x, null);
      return grads(x.square());
    }

    @Override
    protected Tensor[] backward(Context ctx, Tensor... g) {
      assertNull(ctx.savedTensors()[1]);
      return grads(g[0].mul(ctx.savedTensors()[0]).mul(2));
    }

    @Override
    protected boolean onceDifferentiable() {
      return once;
    }
  }

  @Test
  @DisplayName(
      "CF-1, CF-3, H01: x + c·y + x·y with a number among the arguments, differentiated twice")
  void productAndSum() {
    Function f =
        of(
            (ctx, a) -> {
              assertFalse(GradMode.isEnabled());
              ctx.saveForBackward((Tensor) a[0], (Tensor) a[2]);
              ctx.put("c", a[1]);
              Tensor x = (Tensor) a[0];
              Tensor y = (Tensor) a[2];
              return grads(x.add(y.mul((int) a[1])).add(x.mul(y)));
            },
            (ctx, g) -> {
              Tensor[] saved = ctx.savedTensors();
              int c = (int) ctx.get("c");
              return grads(g[0].add(g[0].mul(saved[1])), null, g[0].mul(c).add(g[0].mul(saved[0])));
            });
    Tensor x = leaf(1, 2);
    Tensor y = leaf(3, 4);
    f.apply(x, 2, y).sum().backward(null, CREATE);
    values(x.grad(), 4, 5);
    values(y.grad(), 3, 4);
    assertNotNull(x.grad().gradFn());
    assertNotNull(y.grad().gradFn());
    Tensor plain = leaf(1, 2);
    f.apply(plain, 2, v(3, 4)).sum().backward();
    assertFalse(plain.grad().requiresGrad());
  }

  @Test
  @DisplayName("CF-1, H05: which arguments need a gradient")
  void needs() {
    List<Boolean> needs = new ArrayList<>();
    Function f =
        of(
            (ctx, a) -> {
              needs.addAll(
                  List.of(ctx.needsInputGrad(0), ctx.needsInputGrad(1), ctx.needsInputGrad(2)));
              return grads(((Tensor) a[0]).copy());
            },
            (ctx, g) -> grads(g[0], null, null));
    f.apply(leaf(1), v(1), "mode");
    assertEquals(List.of(true, false, false), needs);
  }

  @Test
  @DisplayName("CF-2, ENG-5, H03: how many gradients, and of which shape")
  void validation() {
    Tensor x = leaf(1, 2);
    Throws.saying(
        AutogradException.class,
        returning(x, new Tensor[0]).sum()::backward,
        "incorrect number of gradients",
        "expected 1, got 0");
    Throws.saying(
        AutogradException.class,
        returning(x, v(1, 2), v(1)).sum()::backward,
        "incorrect number of gradients");
    Throws.saying(
        AutogradException.class, returning(x, v(1, 2, 3)).sum()::backward, "expected shape");
    returning(x, Tensor.ones(3, 2), null, null).sum().backward();
    values(x.grad(), 3, 3);
    Function number = of((ctx, a) -> grads(x.copy()), (ctx, g) -> grads(g[0], v(1)));
    Throws.saying(
        AutogradException.class,
        number.apply(x, 2).sum()::backward,
        "a gradient for argument 1, which is no tensor");
  }

  @Test
  @DisplayName("CF-4, BWD-9, INP-5: saved tensors are freed and checked like any others")
  void saved() {
    Tensor x = leaf(1, 2);
    Tensor y = new Square(false).apply(x).sum();
    y.backward();
    values(x.grad(), 2, 4);
    Throws.saying(GraphFreedException.class, y::backward, "second time", "retain_graph=True");
    Tensor z = new Square(false).apply(x).sum();
    try (var mode = GradMode.noGrad()) {
      x.mul_(2);
    }
    Throws.saying(
        InplaceModificationException.class, z::backward, "modified by an inplace operation");
  }

  @Test
  @DisplayName("CF-4: a saved result has the history of the function")
  void savedResult() {
    Function exp =
        of(
            (ctx, a) -> {
              Tensor y = ((Tensor) a[0]).exp();
              ctx.saveForBackward(y);
              return grads(y);
            },
            (ctx, g) -> grads(g[0].mul(ctx.savedTensors()[0])));
    assertTrue(GradCheck.gradgradcheck(in -> List.of(exp.apply(in.get(0))), List.of(leaf(1, -2))));
  }

  @Test
  @DisplayName("DBL-4: a function that is once_differentiable throws on the second level only")
  void once() {
    Tensor x = leaf(3);
    Tensor g =
        Autograd.grad(List.of(new Square(true).apply(x)), List.of(x), List.of(leaf(1)), CREATE)
            .get(0);
    values(g, 6);
    Throws.saying(AutogradException.class, g::backward, "once_differentiable", "Square");
    new Square(true).apply(x).backward();
    values(x.grad(), 6);
  }

  @Test
  @DisplayName("MODE-6: under noGrad nothing is recorded or kept")
  void noGrad() {
    Tensor y;
    try (var mode = GradMode.noGrad()) {
      y = new Square(false).apply(leaf(3));
    }
    assertFalse(y.requiresGrad());
    assertNull(y.gradFn());
  }

  @Test
  @DisplayName("CF-5, H07: an input returned unchanged is another tensor in the graph")
  void returnsInput() {
    Function f =
        of(
            (ctx, a) -> grads((Tensor) a[0], ((Tensor) a[0]).add((Tensor) a[1])),
            (ctx, g) -> grads(g[0].add(g[1]), g[1]));
    Tensor x = leaf(1);
    Tensor y = leaf(2);
    Tensor[] results = f.applyAll(x, y);
    assertNotSame(x, results[0]);
    assertTrue(x.isLeaf());
    assertEquals(1, results[1].outputNr());
    results[0].add(results[1]).add(x).sum().backward();
    values(x.grad(), 3);
    values(y.grad(), 1);
    Function doubling = of((ctx, a) -> grads((Tensor) a[0]), (ctx, g) -> grads(g[0].mul(2)));
    x.setGrad(null);
    doubling.apply(x).backward();
    values(x.grad(), 2);
    Throws.saying(AutogradException.class, () -> f.apply(x, y), "one result, got 2", "applyAll");
  }

  @Test
  @DisplayName("CF-6: null goes on as no gradient")
  void nulls() {
    Tensor x = leaf(1);
    returning(x, (Tensor) null).backward();
    assertNull(x.grad());
    assertNull(
        Autograd.grad(
                List.of(returning(x, (Tensor) null).mul(2)),
                List.of(x),
                null,
                Autograd.Options.DEFAULT.withAllowUnused(true))
            .get(0));
  }

  @Test
  @DisplayName("CF-7, H06: the gradient of an unused result is zeros, or null if so wished")
  void materialized() {
    List<Tensor> first = new ArrayList<>();
    for (boolean materialize : new boolean[] {true, false}) {
      Function f =
          of(
              (ctx, a) -> {
                ctx.setMaterializeGrads(materialize);
                Tensor x = (Tensor) a[0];
                return grads(x.mul(2), x.mul(3));
              },
              (ctx, g) -> {
                first.add(g[0]);
                return grads(g[1].mul(3));
              });
      Tensor x = leaf(1, 2);
      f.applyAll(x)[1].sum().backward();
      values(x.grad(), 3, 3);
    }
    values(first.get(0), 0, 0);
    assertNull(first.get(1));
  }

  @Test
  @DisplayName("BWD-18: if no gradient arrives for any result, none goes on")
  void nothingArrives() {
    Tensor x = leaf(1);
    Tensor[] parts =
        of(
                (ctx, a) -> grads(x.mul(2), x.mul(3)),
                (ctx, g) -> {
                  throw new AssertionError("must not run");
                })
            .applyAll(x);
    returning(parts[0].add(parts[1]), (Tensor) null).backward();
    assertNull(x.grad());
  }

  @Test
  @DisplayName("CF-8: a dirty input is returned itself, with new history; a leaf cannot be")
  void dirty() {
    Function twice =
        of(
            (ctx, a) -> {
              Tensor x = (Tensor) a[0];
              ctx.markDirty(x);
              return grads(x.mul_(2));
            },
            (ctx, g) -> grads(g[0].mul(2)));
    Tensor x = leaf(1, 2);
    Tensor y = x.mul(3);
    Tensor z = twice.apply(y);
    assertSame(y, z);
    values(z, 6, 12);
    z.sum().backward();
    values(x.grad(), 6, 6);
    Tensor saved = x.mul(1);
    Tensor squared = saved.square().sum();
    twice.apply(saved);
    Throws.saying(InplaceModificationException.class, squared::backward, "inplace");
    Throws.saying(
        AutogradException.class,
        () -> twice.apply(x),
        "a leaf Variable that requires grad is being used in an in-place operation");
    Function lost =
        of(
            (ctx, a) -> {
              ctx.markDirty((Tensor) a[0]);
              return grads(((Tensor) a[0]).mul(2));
            },
            (ctx, g) -> g);
    Throws.saying(AutogradException.class, () -> lost.apply(x.mul(1)), "to be returned");
  }

  @Test
  @DisplayName("CF-9, CF-7, H05: a result without derivative; its gradient arrives as zeros")
  void nonDifferentiable() {
    List<Tensor> seen = new ArrayList<>();
    Function f =
        of(
            (ctx, a) -> {
              Tensor first = ((Tensor) a[0]).add(1);
              ctx.markNonDifferentiable(first);
              return grads(first, ((Tensor) a[0]).add(2));
            },
            (ctx, g) -> {
              seen.addAll(Arrays.asList(g));
              return grads(g[0].add(g[1]));
            });
    Tensor x = leaf(1, 2);
    Tensor[] results = f.applyAll(x);
    assertFalse(results[0].requiresGrad());
    assertTrue(results[1].requiresGrad());
    results[1].sum().backward();
    values(seen.get(0), 0, 0);
    values(seen.get(1), 1, 1);
    values(x.grad(), 1, 1);
  }

  @Test
  @DisplayName("BWD-15: results of one node are captured apart, each with its own hooks")
  void captures() {
    Function f =
        of(
            (ctx, a) -> grads(((Tensor) a[0]).mul(2), ((Tensor) a[0]).mul(3)),
            (ctx, g) -> grads(g[0].mul(2).add(g[1].mul(3))));
    Tensor x = leaf(1);
    Tensor[] r = f.applyAll(x);
    r[1].registerHook(g -> g.mul(10));
    Tensor y = r[0].mul(5).add(r[1].mul(7));
    List<Tensor> g = Autograd.grad(List.of(y), List.of(r[0], r[1], x), null, RETAIN);
    values(g.get(0), 5);
    values(g.get(1), 70);
    values(g.get(2), 220);
    r[1].retainGrad();
    y.backward();
    values(r[1].grad(), 70);
  }
}
