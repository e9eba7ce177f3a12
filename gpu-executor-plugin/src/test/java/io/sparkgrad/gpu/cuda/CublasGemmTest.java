// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static io.sparkgrad.gpu.cuda.Rounding.operand;
import static io.sparkgrad.gpu.cuda.SideBySide.buffer;
import static io.sparkgrad.gpu.cuda.SideBySide.dirty;
import static io.sparkgrad.gpu.cuda.SideBySide.random;
import static io.sparkgrad.gpu.cuda.SideBySide.tolerance;
import static io.sparkgrad.gpu.cuda.SideBySide.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.backend.OutOfDeviceMemoryException;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.gpu.cuda.EmulatedCublas.Call;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CublasGemmTest {
  private static final MatmulGeometry SMALL =
      new MatmulGeometry(1, 2, 2, 3, false, false, false, false);

  /** 6000 multiplications of ones, each sum 60. */
  private static final MatmulGeometry LARGE =
      new MatmulGeometry(1, 10, 10, 60, false, false, false, false);

  private final EmulatedCublas cublas = new EmulatedCublas(EmulatedGpu.driver(80));
  private final CudaBackend cuda = EmulatedGpu.backend(cublas.driver());
  private final SideBySide both = new SideBySide(cuda);

  private Buffer ones(int length) {
    double[] ones = new double[length];
    Arrays.fill(ones, 1);
    return buffer(cuda, DType.FLOAT32, ones);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a batch of transposes behind kernels that are still queued, and before others")
  void inOrderWithKernels(MatmulPrecision precision) {
    var g = new MatmulGeometry(3, 8, 9, 40, true, true, false, true);
    try (var scope = MatmulPrecision.set(precision)) {
      both.agree(
          precision.toString(),
          tolerance(DType.FLOAT32),
          backend -> {
            Buffer a = operand(backend, DType.FLOAT32, precision, 1, 3 * 8 * 40);
            Buffer b = operand(backend, DType.FLOAT32, precision, 2, 40 * 9);
            Buffer c = dirty(backend, DType.FLOAT32, 3 * 8 * 9);
            for (int i = 0; i < 3; i++) { // powers of two commute with rounding
              backend.unary(UnaryKernel.SCALE, 2, a, a);
              backend.matmul(g, a, b, c);
              backend.unary(UnaryKernel.SCALE, 0.5, c, c);
            }
            return List.of(c);
          });
    }
    assertEquals(new Call(g, DType.FLOAT32, precision), cublas.calls().get(5));
    assertEquals(6, cublas.calls().size());
  }

  @Test
  void anOperandThatNobodyWroteIsZero() {
    Buffer c = dirty(cuda, DType.FLOAT32, 100);
    cuda.matmul(LARGE, cuda.allocate(DType.FLOAT32, 600), ones(600), c);
    assertArrayEquals(new double[100], values(c));
    assertEquals(1, cublas.calls().size());
  }

  @Test
  @DisplayName(
      "bias and relu, and all that a convolution of single pixels may have, are a pass more")
  void finishes() {
    var linear = new LinearGeometry(6, 520, 7);
    both.agree(
        linear.toString(),
        tolerance(DType.FLOAT64),
        backend -> {
          Buffer x = random(backend, DType.FLOAT64, 1, 6 * 520);
          Buffer weight = random(backend, DType.FLOAT64, 2, 7 * 520);
          Buffer bias = random(backend, DType.FLOAT64, 3, 7);
          Buffer y = dirty(backend, DType.FLOAT64, 6 * 7);
          backend.linear(linear, x, weight, bias, true, y);
          return List.of(y);
        });
    var convolution = new Conv2dGeometry(2, 520, 8, 8, 3, 1, 1, 1, 1, 0, 0, 1, 1, 1);
    both.agree(
        convolution.toString(),
        tolerance(DType.FLOAT64),
        backend -> {
          Buffer x = random(backend, DType.FLOAT64, 1, 2 * 520 * 64);
          Buffer weight = random(backend, DType.FLOAT64, 2, 3 * 520);
          Buffer bias = random(backend, DType.FLOAT64, 3, 3);
          Buffer scale = random(backend, DType.FLOAT64, 4, 3);
          Buffer shift = random(backend, DType.FLOAT64, 5, 3);
          Buffer summand = random(backend, DType.FLOAT64, 6, 2 * 3 * 64);
          Buffer y = dirty(backend, DType.FLOAT64, 2 * 3 * 64);
          backend.conv2d(
              convolution, x, weight, bias, new Epilogue(scale, shift, summand, true), y);
          return List.of(y);
        });
    assertEquals(4, cublas.calls().size());
  }

  @Test
  void smallProductsAndShortSumsWithAFinishStayWithTheKernels() {
    Buffer c = dirty(cuda, DType.FLOAT32, 4);
    cuda.matmul(SMALL, ones(6), ones(6), c);
    assertArrayEquals(new double[] {3, 3, 3, 3}, values(c));
    Buffer y = dirty(cuda, DType.FLOAT32, 100);
    cuda.linear(new LinearGeometry(10, 60, 10), ones(600), ones(600), ones(10), false, y);
    assertEquals(61, values(y)[99]);
    assertEquals(List.of(), cublas.calls());
  }

  @Test
  void theSettingSwitchesItOff() {
    var unused = new EmulatedCublas(EmulatedGpu.driver(80));
    DeviceSettings settings = DeviceSettings.DEFAULT.withMemory(1, 0, 0).withCublas(false);
    CudaBackend backend = new CudaBackend("cuda", unused.driver(), settings);
    double[] ones = new double[600];
    Arrays.fill(ones, 1);
    Buffer x = buffer(backend, DType.FLOAT32, ones);
    Buffer c = dirty(backend, DType.FLOAT32, 100);
    backend.matmul(LARGE, x, x, c);
    assertEquals(60, values(c)[99]);
    assertEquals(List.of(), unused.calls());
  }

  @Test
  void withoutTensorCoresThePrecisionIsFull() {
    var turing = new EmulatedCublas(EmulatedGpu.driver(75));
    CudaBackend backend = EmulatedGpu.backend(turing.driver());
    Buffer x = random(backend, DType.FLOAT32, 1, 600);
    try (var scope = MatmulPrecision.set(MatmulPrecision.TF32)) {
      backend.matmul(LARGE, x, x, dirty(backend, DType.FLOAT32, 100));
    }
    assertEquals(List.of(new Call(LARGE, DType.FLOAT32, MatmulPrecision.FP32)), turing.calls());
  }

  @Test
  void whereCublasFindsNoMemoryThePoolMakesRoomOnce() {
    Buffer c = dirty(cuda, DType.FLOAT32, 100);
    try (var scope = BufferScope.open()) {
      BufferScope.own(dirty(cuda, DType.FLOAT32, 1 << 20));
    }
    long held = cuda.metrics().heldBytes();
    cublas.fail(1);
    cuda.matmul(LARGE, ones(600), ones(600), c);
    assertEquals(60, values(c)[99]);
    assertTrue(cuda.metrics().heldBytes() < held, "bytes held: " + held);
    cublas.fail(2);
    var e =
        assertThrows(
            OutOfDeviceMemoryException.class, () -> cuda.matmul(LARGE, ones(600), ones(600), c));
    assertEquals(
        "CUDA: a product failed: CUDA_ERROR_OUT_OF_MEMORY (2), none left, also after the pool gave back what it did not use; use a smaller batch, or a TensorScope around each step.",
        e.getMessage());
  }
}
