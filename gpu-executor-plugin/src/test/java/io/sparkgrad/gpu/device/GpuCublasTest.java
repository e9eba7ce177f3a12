// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.gpu.cuda.CudaBackendProvider;
import io.sparkgrad.gpu.cuda.DeviceSettings;
import io.sparkgrad.gpu.cuda.GpuDevice;
import io.sparkgrad.gpu.cuda.driver.CublasLibrary;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Large products by cuBLAS and by the own kernels. Operands are small whole numbers, which every
 * precision holds and multiplies exactly, and so do all sums of them: both have the same bits.
 */
@Tag("gpu")
class GpuCublasTest {
  private static final int SIDE = 1024;

  private static Backend cublas;
  private static Backend own;

  @BeforeAll
  static void openBoth() {
    Gpu.backend();
    Optional<String> reason = CublasLibrary.unavailableReason();
    assumeTrue(reason.isEmpty(), () -> "no cuBLAS: " + reason.orElseThrow());
    CudaBackendProvider provider = new CudaBackendProvider();
    cublas = provider.open(0);
    CudaBackendProvider.configure(new DeviceSettings(true, false, 1, 0, 0, false));
    try {
      own = provider.open(0);
    } finally {
      CudaBackendProvider.configure(DeviceSettings.DEFAULT);
    }
  }

  private static Buffer operand(Backend backend, DType dtype, int seed, int length) {
    double[] values = new double[length];
    Arrays.setAll(values, i -> (i * 7 + i / 3 + seed) % 5 - 2);
    Buffer buffer = backend.allocate(dtype, length);
    backend.upload(values, buffer);
    return buffer;
  }

  private static double[] values(Buffer buffer) {
    double[] values = new double[Math.toIntExact(buffer.length())];
    buffer.backend().download(buffer, values);
    return values;
  }

  private static void agree(Function<Backend, Buffer> product) {
    assertArrayEquals(values(product.apply(own)), values(product.apply(cublas)));
  }

  private static void matmuls(DType dtype) {
    for (int flags = 0; flags < 4; flags++) {
      boolean tA = (flags & 1) != 0;
      boolean tB = (flags & 2) != 0;
      var single = new MatmulGeometry(1, SIDE, 520, SIDE + 8, tA, tB, false, false);
      var batch = new MatmulGeometry(3, 512, 344, SIDE, tA, tB, flags == 1, flags == 2);
      agree(backend -> matmul(backend, dtype, single));
      agree(backend -> matmul(backend, dtype, batch));
    }
  }

  private static Buffer matmul(Backend backend, DType dtype, MatmulGeometry g) {
    Buffer a = operand(backend, dtype, 1, (g.repeatA() ? 1 : g.batch()) * g.m() * g.k());
    Buffer b = operand(backend, dtype, 2, (g.repeatB() ? 1 : g.batch()) * g.k() * g.n());
    Buffer c = backend.allocate(dtype, (long) g.batch() * g.m() * g.n());
    backend.matmul(g, a, b, c);
    return c;
  }

  @ParameterizedTest
  @EnumSource
  void products(MatmulPrecision precision) {
    try (var scope = MatmulPrecision.set(precision)) {
      matmuls(DType.FLOAT32);
      agree(GpuCublasTest::linear);
      agree(GpuCublasTest::convolution);
    }
  }

  @Test
  void productsOfDoubles() {
    matmuls(DType.FLOAT64);
  }

  private static Buffer linear(Backend backend) {
    Buffer x = operand(backend, DType.FLOAT32, 1, SIDE * SIDE);
    Buffer weight = operand(backend, DType.FLOAT32, 2, 600 * SIDE);
    Buffer bias = operand(backend, DType.FLOAT32, 3, 600);
    Buffer y = backend.allocate(DType.FLOAT32, SIDE * 600);
    backend.linear(new LinearGeometry(SIDE, SIDE, 600), x, weight, bias, true, y);
    return y;
  }

  /** Of single pixels, with its gradient to the input added. */
  private static Buffer convolution(Backend backend) {
    var g = new Conv2dGeometry(8, 512, 16, 16, 512, 1, 1, 1, 1, 0, 0, 1, 1, 1);
    int pixels = 8 * 512 * 256;
    Buffer x = operand(backend, DType.FLOAT32, 1, pixels);
    Buffer weight = operand(backend, DType.FLOAT32, 2, 512 * 512);
    Buffer bias = operand(backend, DType.FLOAT32, 3, 512);
    Buffer y = backend.allocate(DType.FLOAT32, pixels);
    backend.conv2d(g, x, weight, bias, Epilogue.RELU, y);
    Buffer gradient = backend.allocate(DType.FLOAT32, pixels);
    backend.conv2dInputGradient(g, x, weight, gradient);
    backend.axpy(1, gradient, y);
    return y;
  }

  @Test
  @DisplayName("fp32 is not TF32: sums of 1 + 2⁻¹² are exact; and no kernel makes them")
  void fp32IsExact() {
    Buffer a = cublas.allocate(DType.FLOAT32, SIDE * SIDE);
    cublas.fill(a, 1 + 0x1p-12);
    Buffer b = cublas.allocate(DType.FLOAT32, SIDE * SIDE);
    cublas.fill(b, 1);
    Buffer c = cublas.allocate(DType.FLOAT32, SIDE * SIDE);
    long before = ((GpuDevice) cublas).metrics().launches();
    cublas.matmul(new MatmulGeometry(1, SIDE, SIDE, SIDE, false, false, false, false), a, b, c);
    assertEquals(before, ((GpuDevice) cublas).metrics().launches());
    double[] expected = new double[SIDE * SIDE];
    Arrays.fill(expected, SIDE + 0.25);
    assertArrayEquals(expected, values(c));
  }

  @Test
  void theSameProductHasTheSameBits() {
    Buffer x = cublas.allocate(DType.FLOAT32, SIDE * SIDE);
    double[] fractions = new double[SIDE * SIDE];
    Arrays.setAll(fractions, i -> Math.sin(i));
    cublas.upload(fractions, x);
    var g = new MatmulGeometry(1, SIDE, SIDE, SIDE, false, true, false, false);
    Buffer once = cublas.allocate(DType.FLOAT32, SIDE * SIDE);
    Buffer again = cublas.allocate(DType.FLOAT32, SIDE * SIDE);
    cublas.matmul(g, x, x, once);
    cublas.matmul(g, x, x, again);
    assertArrayEquals(values(once), values(again));
  }
}
