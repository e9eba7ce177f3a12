// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static io.sparkgrad.autograd.op.OpChecks.random;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sparkgrad.autograd.op.Conv2d;
import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.autograd.op.Linear;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.optim.SGD;
import io.sparkgrad.shape.Shape;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The network of PRN-4, conv1 – relu – conv2 – relu – flatten – fc, on a backend that counts kernel
 * calls: what no gradient needs is neither recorded nor computed.
 */
class PruningTest {
  private final CountingBackend counting = new CountingBackend(Backends.byName("java"));

  private Tensor on(double[] values, long... dims) {
    Tensor t = Tensor.zeros(Shape.of(dims), DType.FLOAT64, counting.backend());
    counting.backend().upload(values, t.buffer());
    return t;
  }

  private Tensor on(Tensor t) {
    return on(t.toDoubleArray(), t.shape().dims());
  }

  /** The tiny net of section L: 1×1 kernels w = 2 and w = −1, b = 20; fc [1, 2, 3, 4]. */
  private final class Net {
    final Tensor x = on(new double[] {1, 2, 3, 4}, 1, 1, 2, 2);
    final Tensor w1 = on(new double[] {2}, 1, 1, 1, 1).requiresGrad_();
    final Tensor b1 = on(new double[] {0}, 1).requiresGrad_();
    final Tensor w2 = on(new double[] {-1}, 1, 1, 1, 1).requiresGrad_();
    final Tensor b2 = on(new double[] {20}, 1).requiresGrad_();
    final Tensor w3 = on(new double[] {1, 2, 3, 4}, 1, 4).requiresGrad_();
    final Tensor b3 = on(new double[] {0}, 1).requiresGrad_();

    Tensor conv1;
    Tensor conv2;

    void freeze(boolean first, boolean second) {
      w1.requiresGrad_(!first);
      b1.requiresGrad_(!first);
      w2.requiresGrad_(!second);
      b2.requiresGrad_(!second);
    }

    Tensor forward() {
      conv1 = Conv2d.of(x, w1, b1, Conv2dOptions.DEFAULT);
      conv2 = Conv2d.of(conv1.relu(), w2, b2, Conv2dOptions.DEFAULT);
      Tensor y = Linear.of(conv2.relu().flatten(1), w3, b3);
      counting.reset();
      return y;
    }

    void step() {
      new SGD(List.of(w1, b1, w2, b2, w3, b3), SGD.Options.DEFAULT.withLr(.01)).step();
    }
  }

  @Test
  @DisplayName("L01: nothing frozen")
  void gradients() {
    Net net = new Net();
    Tensor y = net.forward();
    values(y, 140);
    y.backward();
    values(net.w1.grad(), -30);
    values(net.b1.grad(), -10);
    values(net.w2.grad(), 60);
    values(net.b2.grad(), 10);
    values(net.w3.grad(), 18, 16, 14, 12);
    values(net.b3.grad(), 1);
    assertNull(net.x.grad());
  }

  @ParameterizedTest(name = "conv1 frozen {0}, conv2 frozen {1}, x wants a gradient {2}")
  @DisplayName("PRN-2, PRN-4: which gradient kernels run")
  @CsvSource({
    // frozen1, frozen2, x.rg, dInput, dW, matmul, masks of relus
    "false, false, false, 1, 2, 2, 2",
    "true, false, false, 0, 1, 2, 1",
    "false, true, false, 1, 1, 2, 2",
    "true, true, false, 0, 0, 1, 0",
    "true, false, true, 2, 1, 2, 2"
  })
  void kernels(
      boolean frozen1,
      boolean frozen2,
      boolean input,
      int inputGradients,
      int weightGradients,
      int products,
      int masks) {
    Net net = new Net();
    net.freeze(frozen1, frozen2);
    net.x.requiresGrad_(input);
    Tensor y = net.forward();
    y.backward();
    assertEquals(inputGradients, counting.calls("conv2dInputGradient"));
    assertEquals(weightGradients, counting.calls("conv2dWeightGradient"));
    assertEquals(products, counting.calls("matmul"));
    assertEquals(masks, counting.calls("reluGradient"));
    assertEquals(!frozen1, net.w1.grad() != null && net.b1.grad() != null);
    assertEquals(!frozen2, net.w2.grad() != null && net.b2.grad() != null);
    assertNotNull(net.w3.grad());
    assertEquals(input, net.x.grad() != null);
  }

  @Test
  @DisplayName("PRN-1, FLAG-2: a frozen prefix is not recorded at all")
  void prefix() {
    Net net = new Net();
    net.freeze(true, false);
    Tensor y = net.forward();
    assertFalse(net.conv1.requiresGrad());
    assertNull(net.conv1.gradFn());
    List<Edge> edges = net.conv2.gradFn().nextFunctions();
    assertNull(edges.get(0));
    assertNotNull(edges.get(1));
    y.backward();
    values(net.w2.grad(), 60);
  }

  @Test
  @DisplayName("L03: frozen in the middle the gradient passes through")
  void middle() {
    Net net = new Net();
    net.freeze(false, true);
    Tensor y = net.forward();
    List<Edge> edges = net.conv2.gradFn().nextFunctions();
    assertEquals("ReluBackward", edges.get(0).node().name());
    assertNull(edges.get(1));
    assertNull(edges.get(2));
    y.backward();
    values(net.w1.grad(), -30);
    values(net.b1.grad(), -10);
  }

  @Test
  @DisplayName(
      "L05: with all frozen the input can still get a gradient, and without that backward throws")
  void inputOnly() {
    Net net = new Net();
    net.freeze(true, false);
    net.x.requiresGrad_();
    net.forward().backward();
    values(net.x.grad(), -2, -4, -6, -8);
    Net frozen = new Net();
    frozen.freeze(true, true);
    frozen.w3.requiresGrad_(false);
    frozen.b3.requiresGrad_(false);
    Throws.saying(
        AutogradException.class,
        frozen.forward()::backward,
        "does not require grad",
        "all parameters and inputs it was computed from are frozen",
        "unfreeze some with requiresGrad_(true)");
  }

  @Test
  @DisplayName("PRN-6: unfreezing takes effect at the next forward")
  void unfreezing() {
    Net net = new Net();
    net.freeze(true, false);
    Tensor before = net.forward();
    net.freeze(false, false);
    before.backward();
    assertNull(net.w1.grad());
    net.forward().backward();
    values(net.w1.grad(), -30);
  }

  @Test
  @DisplayName("PRN-2: with inputs= only the kernels on the way to them run")
  void inputs() {
    Net net = new Net();
    Autograd.backward(
        List.of(net.forward()), null, Autograd.Options.DEFAULT.withInputs(List.of(net.w2)));
    assertEquals(0, counting.calls("conv2dInputGradient"));
    assertEquals(1, counting.calls("conv2dWeightGradient"));
    assertEquals(1, counting.calls("matmul")); // the gradient for fc's input, not for its weight
    values(net.w2.grad(), 60);
    assertNull(net.b2.grad());
  }

  @Test
  @DisplayName("PRN-3: conv2d saves its input only if the weight wants a gradient, and the reverse")
  void saves() {
    Tensor x = on(random(1, 1, 1, 2, 2)).requiresGrad_();
    Tensor w = on(random(2, 1, 1, 1, 1));
    Tensor y = Conv2d.of(x, w, null, Conv2dOptions.DEFAULT).sum();
    try (var mode = GradMode.noGrad()) {
      x.fill_(0);
    }
    y.backward(); // x was not saved
    Tensor z = Conv2d.of(x.detach(), w.requiresGrad_(), null, Conv2dOptions.DEFAULT).sum();
    try (var mode = GradMode.noGrad()) {
      w.fill_(0);
    }
    z.backward(); // w was not saved
  }

  @Test
  @DisplayName("L07: a step leaves what is frozen alone, but not a gradient from before")
  void steps() {
    Net net = new Net();
    net.freeze(true, false);
    net.forward().backward();
    net.step();
    values(net.w1, 2);
    values(net.b1, 0);
    values(net.w2, -1.6); // −1 − 0.01·60
    values(net.b2, 19.9);
    values(net.w3, .82, 1.84, 2.86, 3.88);
    values(net.b3, -.01);
    Net stale = new Net();
    stale.forward().backward();
    stale.freeze(true, false);
    stale.step();
    values(stale.w1, 2.3); // 2 + 0.01·30
  }
}
