// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkloadsTest {
  private static List<String> matching(String glob) {
    return Workloads.matching(Workloads.all(), glob).stream().map(Workload::name).toList();
  }

  @Test
  void aGlobChooses() {
    assertEquals(
        List.of("cnn-train-b32", "cnn-train-b128", "mlp-train-b32", "mlp-train-b128"),
        matching("{cnn,mlp}-train-*"));
    assertEquals(List.of("tiny-step-b3"), matching("tiny*"));
  }

  @Test
  void aGlobThatNamesNothingListsThem() {
    var e = assertThrows(IllegalArgumentException.class, () -> matching("vgg*"));
    assertTrue(e.getMessage().startsWith("--workloads: expected a glob over [cnn-train-b32, "));
    assertTrue(e.getMessage().endsWith(", got 'vgg*'"), e.getMessage());
  }

  private static double mflopPerImage(String name) {
    return Arithmetic.flops(Workloads.named(name)) / 32 / 1e6;
  }

  @Test
  void arithmeticLeavesOutWhatNeedsNoGradient() {
    // forward: conv1 2·1024·16·27, conv2 2·1024·32·144, fc 2·32768·10
    double conv1 = 0.884736;
    double conv2 = 9.437184;
    double fc = 0.65536;
    double forward = conv1 + conv2 + fc;
    assertEquals(forward, mflopPerImage("cnn-infer-b32"), 1e-9);
    assertEquals(3 * forward - conv1, mflopPerImage("cnn-train-b32"), 1e-9);
    assertEquals(conv1 + 2 * conv2 + 3 * fc, mflopPerImage("cnn-frozen-b32"), 1e-9);
  }

  @Test
  void differencesAreRelativeToTheLargestNumber() {
    Map<String, Tensor> reference = tensors(4, -2);
    Difference d = Difference.of(reference, tensors(4, -2.01f));
    assertEquals(0, d.output());
    assertEquals(0.01 / 2.0, d.gradient(), 1e-6);
    assertEquals(false, d.acceptable());
    assertEquals(false, Difference.of(reference, tensors(Float.NaN, -2)).acceptable());
    assertEquals(true, Difference.of(reference, reference).acceptable());
  }

  private static Map<String, Tensor> tensors(float output, float grad) {
    return Map.of(
        "output", Tensor.of(new float[] {output, 1}, 2),
        "grad.w", Tensor.of(new float[] {grad}, 1));
  }

  @Test
  void aMissingGradientIsAnError() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Difference.of(tensors(1, 1), Map.of("output", Tensor.ones(2))));
    assertTrue(e.getMessage().endsWith("got [output]"), e.getMessage());
  }

  @Test
  void everyProcessMakesTheSameNetworkAndBatch() {
    Workload w = Workloads.named("mlp-train-b32");
    assertArrayEquals(w.batch().toFloatArray(), w.batch().toFloatArray());
    assertArrayEquals(w.labels(), w.labels());
    Tensor once = w.module().parameters().get(0).detach();
    assertArrayEquals(once.toFloatArray(), w.module().parameters().get(0).detach().toFloatArray());
  }
}
