// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.Warnings;
import io.sparkgrad.autograd.Tensor;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The net of section L: 1×1 convolutions of one channel are products with a scalar. */
class FrozenLayersTest {
  private final Tensor w1 = leaf(2);
  private final Tensor b1 = leaf(0);
  private final Tensor w2 = leaf(-1);
  private final Tensor b2 = leaf(20);
  private final Tensor fcWeight = leaf(1, 2, 3, 4);
  private final Tensor fcBias = leaf(0);

  private static Tensor leaf(double... values) {
    return v(values).requiresGrad_();
  }

  private SGD sgd() {
    return new SGD(List.of(w1, b1, w2, b2, fcWeight, fcBias), SGD.Options.DEFAULT.withLr(.01));
  }

  private void backward() {
    Tensor first = v(1, 2, 3, 4).mul(w1).add(b1).relu();
    Tensor second = first.mul(w2).add(b2).relu();
    Tensor loss = second.mul(fcWeight).sum().add(fcBias);
    assertEquals(140, loss.item());
    loss.sum().backward();
  }

  @Test
  @DisplayName("L07: a frozen layer stays while the others are trained")
  void frozen() {
    w1.requiresGrad_(false);
    b1.requiresGrad_(false);
    assertEquals(
        List.of(
            "optimizer: 2 of the 6 parameters given (at 0, 1) are frozen (requiresGrad=false) and will not be trained; leave them out, and add them with addParamGroup when you unfreeze them"),
        Warnings.of(
            Optimizer.class,
            () -> {
              SGD sgd = sgd();
              backward();
              sgd.step();
            }));
    values(w1, 2);
    values(b1, 0);
    values(w2, -1.6);
    values(b2, 19.9);
    values(fcWeight, .82, 1.84, 2.86, 3.88);
    values(fcBias, -.01);
  }

  @Test
  @DisplayName("L07, PRN-5: a gradient from before the freezing is still applied, and reported")
  void stale() {
    SGD sgd = sgd();
    backward();
    w1.requiresGrad_(false);
    b1.requiresGrad_(false);
    assertEquals(
        List.of(
            "optimizer: 2 frozen parameter(s) (at 0, 1 over all groups) still hold a gradient from before, which is applied; call zeroGrad() when you freeze a layer"),
        Warnings.of(Optimizer.class, sgd::step));
    values(w1, 2.3);
  }
}
