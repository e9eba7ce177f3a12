// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DefaultBackend;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ToBackendTest {
  private final Backend here = DefaultBackend.get();
  private final Backend elsewhere = new CountingBackend(Backends.byName("java")).backend();

  @Test
  @DisplayName("a copy there and its gradient back; the same tensor if it is there already")
  void movesWithItsGradient() {
    Tensor x = Tensor.of(new float[] {1, 2}).requiresGrad_();
    Tensor there = x.to(elsewhere);
    assertSame(elsewhere, there.backend());
    assertSame(there, there.to(elsewhere));
    there.mul(there).sum().backward();
    assertSame(here, x.grad().backend());
    assertArrayEquals(new float[] {2, 4}, x.grad().toFloatArray());
  }

  @Test
  void everyTypeKeepsItsValues() {
    assertArrayEquals(
        new double[] {0.1, Math.PI},
        Tensor.of(new double[] {0.1, Math.PI}).to(elsewhere).toDoubleArray());
    assertArrayEquals(
        new long[] {Long.MAX_VALUE, -1},
        Tensor.of(new long[] {Long.MAX_VALUE, -1}).to(elsewhere).toLongArray());
    Tensor flags = Tensor.of(new long[] {1, 0}).to(DType.BOOL).to(elsewhere).to(here);
    assertEquals(DType.BOOL, flags.dtype());
    assertArrayEquals(new long[] {1, 0}, flags.toLongArray());
  }

  @Test
  @DisplayName("copy_ takes from another device, and its gradient goes back there")
  void copyInPlace() {
    Tensor x = Tensor.of(new float[] {1, 2}).requiresGrad_();
    Tensor there = Tensor.zeros(2).to(elsewhere);
    there.copy_(x);
    there.mul(there).sum().backward();
    assertSame(here, x.grad().backend());
    assertArrayEquals(new float[] {2, 4}, x.grad().toFloatArray());
  }
}
