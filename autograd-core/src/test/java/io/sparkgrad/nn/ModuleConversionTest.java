// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.v;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ModuleConversionTest {
  /** A parameter, a buffer of floats, one of integers, and one outside the state. */
  private static final class Net extends Module {
    final Parameter scale = registerParameter("scale", new Parameter(Tensor.full(3, 2)));
    final Tensor mean = registerBuffer("mean", Tensor.of(new float[] {.5f}));
    final Tensor count = registerBuffer("count", Tensor.of(new long[] {3}));
    final Tensor mask = registerBuffer("mask", Tensor.ones(1), false);

    @Override
    public Tensor forward(Tensor x) {
      return x.mul(scale);
    }

    @Override
    protected void describe(ObjectNode json) {}

    void buffer(String name) {
      registerBuffer(name, Tensor.ones(1), false);
    }
  }

  private final Net net = new Net();

  @Test
  @DisplayName("MOD-3, M07: a buffer that is not persistent is no part of the state")
  void notPersistent() {
    assertEquals(List.of("mean", "count", "mask"), List.copyOf(net.namedBuffers().keySet()));
    assertEquals(List.of(net.mean, net.count, net.mask), net.buffers());
    assertEquals(List.of("scale", "mean", "count"), List.copyOf(net.stateDict().keySet()));
    net.loadStateDict(net.stateDict(), true); // and is not missed
    Module only =
        new Module() {
          {
            registerBuffer("mask", Tensor.ones(1), false);
          }

          @Override
          public Tensor forward(Tensor x) {
            return x;
          }

          @Override
          protected void describe(ObjectNode json) {}
        };
    assertEquals(new Module.LoadResult(List.of(), List.of()), only.loadStateDict(Map.of(), true));
    assertFalse(net.mask.requiresGrad());
  }

  @Test
  @DisplayName("MOD-3: a shared buffer is listed once, under its first name")
  void sharedBuffers() {
    Sequential twice = new Sequential(net, net);
    assertEquals(
        List.of("0.mean", "0.count", "0.mask"), List.copyOf(twice.namedBuffers().keySet()));
  }

  @Test
  @DisplayName("MOD-2, M07: a plain tensor cannot take a parameter's name")
  void overParameter() {
    rejects(
        IllegalArgumentException.class,
        "module: the name 'scale' is taken already",
        () -> net.buffer("scale"));
    assertSame(net.scale, net.namedParameters().get("scale"));
  }

  @Test
  @DisplayName("MOD-2: a parameter is a leaf, also when it is made from a result")
  void leaf() {
    Tensor result = v(1).requiresGrad_().mul(2);
    Parameter parameter = new Parameter(result);
    assertEquals(true, parameter.isLeaf() && parameter.requiresGrad());
  }

  @Test
  @DisplayName("MOD-9, MOD-3: to converts what is floating, in the same objects")
  void to() {
    Parameter scale = net.scale;
    scale.requiresGrad_(false);
    scale.setGrad(Tensor.ones(2));
    assertSame(net, net.to(DType.FLOAT64));
    assertSame(scale, net.namedParameters().get("scale"));
    assertFalse(scale.requiresGrad());
    assertEquals(DType.FLOAT64, scale.dtype());
    assertEquals(DType.FLOAT64, scale.grad().dtype());
    assertEquals(DType.FLOAT64, net.mean.dtype());
    assertEquals(DType.FLOAT64, net.mask.dtype());
    assertEquals(DType.INT64, net.count.dtype());
    values(scale, 3, 3);
    values(net.mean, .5);
    assertEquals(DType.FLOAT64, net.stateDict().get("mean").dtype());
  }

  @Test
  @DisplayName("MOD-9: training goes on in the new type")
  void backwardAfter() {
    net.call(Tensor.ones(2)).sum().backward(); // so that the leaf has its place in a graph
    net.to(DType.FLOAT64);
    net.zeroGrad();
    net.call(v(1, 2)).sum().backward();
    assertEquals(DType.FLOAT64, net.scale.grad().dtype());
    values(net.scale.grad(), 1, 2);
  }

  @Test
  @DisplayName("MOD-9: an integer type is refused, and nothing changes")
  void integers() {
    rejects(
        IllegalArgumentException.class,
        "Module.to: expected a floating point dtype, got INT64",
        () -> net.to(DType.INT64));
    assertEquals(DType.FLOAT32, net.scale.dtype());
  }

  @Test
  @DisplayName("MOD-8, M06: zeroGrad(false) writes zeros into the same tensor; frozen ones too")
  void zeroGrad() {
    net.call(Tensor.ones(2)).sum().backward();
    Tensor grad = net.scale.grad();
    net.requiresGrad_(false);
    net.zeroGrad(false);
    assertSame(grad, net.scale.grad());
    values(grad, 0, 0);
    net.zeroGrad();
    assertNull(net.scale.grad());
    net.zeroGrad(false);
    assertNull(net.scale.grad());
  }

  @Test
  @DisplayName("MOD-6, MOD-7: the switches return the module")
  void fluent() {
    assertSame(net, net.eval());
    assertSame(net, net.train());
    assertSame(net, net.train(false));
    assertSame(net, net.requiresGrad_(true));
  }

  @Test
  @DisplayName("setData takes a leaf and data of its shape and a fitting type")
  void setData() {
    rejects(
        AutogradException.class,
        "setData: expected a leaf and data of its shape [2], got data of shape [1]",
        () -> net.scale.setData(Tensor.ones(1)));
    rejects(
        AutogradException.class,
        "setData: expected a leaf and data of its shape [2], got data of shape [2] for a tensor with history",
        () -> net.scale.mul(2).setData(Tensor.ones(2)));
    rejects(
        AutogradException.class,
        "setData: expected data of floating point dtype for a tensor that requires grad, got INT64",
        () -> net.scale.setData(Tensor.of(new long[] {1, 2})));
  }
}
