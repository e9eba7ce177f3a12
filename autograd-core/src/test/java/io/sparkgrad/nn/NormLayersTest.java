// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.Warnings;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** BatchNorm1d, BatchNorm2d, LayerNorm, GroupNorm and Identity. */
class NormLayersTest {
  private static final BatchNormOptions AVERAGING = new BatchNormOptions(1e-5, null, true, true);

  private static Tensor rows(int columns, double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(floats, values.length / columns, columns);
  }

  private static Tensor state(Module module, String name) {
    return module.stateDict().get(name);
  }

  private static void near(Tensor actual, double... expected) {
    assertArrayEquals(expected, actual.toDoubleArray(), 1e-6, actual.toString());
  }

  @Test
  @DisplayName("M02, MOD-4, INIT-4: state names, types and start")
  void state() {
    Module bn = new BatchNorm2d(2);
    assertEquals(
        List.of("weight", "bias", "running_mean", "running_var", "num_batches_tracked"),
        List.copyOf(bn.stateDict().keySet()));
    assertEquals(DType.INT64, state(bn, "num_batches_tracked").dtype());
    assertEquals(Shape.scalar(), state(bn, "num_batches_tracked").shape());
    near(state(bn, "weight"), 1, 1);
    near(state(bn, "bias"), 0, 0);
    near(state(bn, "running_mean"), 0, 0);
    near(state(bn, "running_var"), 1, 1);
    assertEquals(List.of("weight", "bias"), List.copyOf(bn.namedParameters().keySet()));
    for (Module norm : List.of(new LayerNorm(2, 3), new GroupNorm(2, 4))) {
      assertEquals(List.of("weight", "bias"), List.copyOf(norm.stateDict().keySet()));
      assertTrue(state(norm, "weight").toString().contains("{1.00000, 1.00000,"));
      assertEquals(0, state(norm, "bias").sum().item());
    }
  }

  @Test
  @DisplayName("L08, PRN-5, BN-2: a frozen batch norm goes on counting in training")
  void frozen() {
    Module bn = new BatchNorm1d(2);
    bn.requiresGrad_(false);
    assertEquals(
        List.of(
            "BatchNorm1d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True): its parameters are frozen (requiresGrad=false), but it is in train mode, in which its running statistics still move; call eval() on it after train() on the network to keep them"),
        Warnings.of(
            BatchNorm.class,
            () -> {
              try (var mode = GradMode.noGrad()) {
                bn.forward(rows(2, 1, 2, 3, 6, 5, 10));
              }
            }));
    near(state(bn, "running_mean"), 0.3, 0.6);
    near(state(bn, "running_var"), 1.3, 2.5);
    assertEquals(1, state(bn, "num_batches_tracked").item());
    assertEquals(List.of(), trainedWarnings(bn), "once");
  }

  private static List<String> trainedWarnings(Module bn) {
    return Warnings.of(BatchNorm.class, () -> bn.forward(rows(2, 1, 2, 3, 6)));
  }

  @Test
  @DisplayName("a batch norm warns only where its own running statistics move behind its freezing")
  void warnsOfFrozenAlone() {
    Module half = new BatchNorm1d(2);
    half.namedParameters().get("bias").requiresGrad_(false);
    assertEquals(List.of(), trainedWarnings(half));
    Module evaluated = new BatchNorm1d(2).requiresGrad_(false).eval();
    assertEquals(List.of(), trainedWarnings(evaluated));
    for (boolean affine : new boolean[] {true, false}) {
      var options = new BatchNormOptions(1e-5, 0.1, affine, !affine);
      assertEquals(List.of(), trainedWarnings(new BatchNorm1d(2, options).requiresGrad_(false)));
    }
  }

  @Test
  @DisplayName("BN-4, O07: eval uses the running statistics and leaves them alone")
  void eval() {
    Module bn = new BatchNorm1d(1);
    bn.forward(rows(1, 1, 3)); // mean 0.1·2, variance 0.9·1 + 0.1·2
    bn.eval();
    double s = 1 / Math.sqrt(1.1 + 1e-5);
    Tensor x = rows(1, 1, 2).requiresGrad_();
    Tensor y = bn.forward(x);
    near(y, 0.8 * s, 1.8 * s);
    y.sum().backward();
    near(x.grad(), s, s);
    near(state(bn, "running_mean"), 0.2);
    near(state(bn, "running_var"), 1.1);
    assertEquals(1, state(bn, "num_batches_tracked").item());
  }

  @Test
  @DisplayName("BN-2, O07: without momentum the average of [2,4] and [6,10]")
  void cumulative() {
    Module bn = new BatchNorm1d(1, AVERAGING);
    bn.forward(rows(1, 2, 4));
    bn.forward(rows(1, 6, 10));
    near(state(bn, "running_mean"), 5.5);
    near(state(bn, "running_var"), 5);
    assertEquals(2, state(bn, "num_batches_tracked").item());
  }

  @Test
  @DisplayName("batches are counted on from what others wrote there")
  void countsOn() {
    Module bn = new BatchNorm1d(1);
    state(bn, "num_batches_tracked").fill_(7);
    bn.forward(rows(1, 2, 4));
    assertEquals(8, state(bn, "num_batches_tracked").item());
    Backend other = new CountingBackend(Backends.byName("java")).backend();
    bn.to(other);
    bn.forward(rows(1, 2, 4).to(other));
    assertEquals(9, state(bn, "num_batches_tracked").item());
  }

  @Test
  @DisplayName("BN-4: without running statistics the batch's own serve in eval mode")
  void untracked() {
    Module bn = new BatchNorm1d(1, new BatchNormOptions(1e-5, 0.1, false, false));
    assertTrue(bn.stateDict().isEmpty());
    bn.eval();
    double s = 1 / Math.sqrt(1 + 1e-5);
    near(bn.forward(rows(1, 1, 3)), -s, s);
  }

  @Test
  @DisplayName("BN-3, O07: one row in training; input of another rank")
  void badInput() {
    rejects(
        ShapeMismatchException.class,
        "batch_norm: expected more than 1 value per channel in training, got shape [1, 2]; use a larger batch or eval()",
        () -> new BatchNorm1d(2).forward(Tensor.ones(1, 2)));
    rejects(
        ShapeMismatchException.class,
        "BatchNorm2d: expected 4D input, got shape [2, 2]",
        () -> new BatchNorm2d(2).forward(Tensor.ones(2, 2)));
    rejects(
        ShapeMismatchException.class,
        "BatchNorm1d: expected 2D or 3D input, got shape [2, 2, 1, 1]",
        () -> new BatchNorm1d(2).forward(Tensor.ones(2, 2, 1, 1)));
    rejects(
        IllegalArgumentException.class,
        "batch_norm: expected an eps above 0, got 0.0",
        () -> new BatchNormOptions(0, 0.1, true, true));
    rejects(
        IllegalArgumentException.class,
        "GroupNorm: expected num_channels divisible by num_groups, got 3 and 2",
        () -> new GroupNorm(2, 3));
  }

  @Test
  @DisplayName("MOD-5: state without num_batches_tracked loads strictly, as 0")
  void oldState() {
    Module net = new Sequential(new BatchNorm1d(1));
    net.forward(rows(1, 1, 3));
    Map<String, Tensor> old = new LinkedHashMap<>(new Sequential(new BatchNorm1d(1)).stateDict());
    old.remove("0.num_batches_tracked");
    assertEquals(List.of(), net.loadStateDict(old, true).missingKeys());
    assertEquals(0, state(net, "0.num_batches_tracked").item());
    old.remove("0.running_var");
    rejects(
        IllegalArgumentException.class,
        "loadStateDict: Missing key(s): 0.running_var",
        () -> net.loadStateDict(old, true));
  }

  @Test
  @DisplayName("M05, MOD-5: one element loads into the scalar num_batches_tracked")
  void counter() {
    Module bn = new BatchNorm1d(1);
    bn.loadStateDict(Map.of("num_batches_tracked", Tensor.of(new long[] {5})), false);
    assertEquals(5, state(bn, "num_batches_tracked").item());
  }

  @Test
  void layerGroupAndIdentity() {
    double s = 1 / Math.sqrt(1 + 1e-5);
    near(new LayerNorm(2).forward(rows(2, 1, 3)), -s, s);
    near(new GroupNorm(1, 2).forward(rows(2, 1, 3)), -s, s);
    assertNull(new LayerNorm(Shape.of(2), 1e-5, false).stateDict().get("weight"));
    Tensor x = Tensor.ones(2);
    assertSame(x, new Identity().forward(x));
    values(x, 1, 1);
  }

  @Test
  @DisplayName("MOD-12: described as PyTorch describes them")
  void text() {
    assertEquals(
        "BatchNorm2d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        new BatchNorm2d(2).toString());
    assertEquals(
        "LayerNorm((2,), eps=1e-05, elementwise_affine=True)", new LayerNorm(2).toString());
    assertEquals("GroupNorm(2, 4, eps=1e-05, affine=True)", new GroupNorm(2, 4).toString());
    assertEquals("Identity()", new Identity().toString());
  }
}
