// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What {@link JCublasTest} runs in a process of its own: with a fake libcublas.so.12, or without.
 */
final class JCublasSession {
  private static final int M = 3;
  private static final int N = 4;
  private static final int K = 5;

  private final FakeLog log;
  private final JCudaDriver driver = JCudaDriver.open(1);
  private final long stream = driver.createStream();
  private final long a = driver.allocate(8192);
  private final long b = driver.allocate(8192);
  private final long c = driver.allocate(8192);

  private JCublasSession(FakeLog log) throws IOException {
    this.log = log;
    log.assertLines(
        "retain 1", "current 101", "stream flags 1", "alloc 8192", "alloc 8192", "alloc 8192");
  }

  /** Says {@code all well} in the end, or why there is no cuBLAS. */
  public static void main(String[] arguments) throws IOException {
    for (int i = 1; i < arguments.length; i++) {
      System.load(arguments[i]);
    }
    JCublasSession session = new JCublasSession(new FakeLog(arguments[0]));
    Optional<Cublas> cublas = session.driver.openCublas(session.stream);
    if (cublas.isPresent()) {
      session.opens(cublas.get());
      session.multiplies(cublas.get());
      session.fails(cublas.get());
      session.opensNoOther();
    }
    session.driver.close();
    session.closes(cublas.isPresent());
    System.out.println(CublasLibrary.unavailableReason().orElse("all well"));
  }

  private void opens(Cublas cublas) throws IOException {
    assertEquals("12.6.4", cublas.version());
    log.assertLines("alloc 33554432", "cublas 77 in stream 7", "cublas workspace 33554432");
  }

  private void multiplies(Cublas cublas) throws IOException {
    for (int flags = 0; flags < 4; flags++) {
      boolean tA = (flags & 1) != 0;
      boolean tB = (flags & 2) != 0;
      var single = new MatmulGeometry(1, M, N, K, tA, tB, false, false);
      product(cublas, single, DType.FLOAT64, MatmulPrecision.BF16, "gemm 70");
      product(cublas, single, DType.FLOAT32, MatmulPrecision.FP32, "gemm 68");
      product(cublas, single, DType.FLOAT32, MatmulPrecision.TF32, "gemm 77");
      product(cublas, single, DType.FLOAT32, MatmulPrecision.BF16, "gemm 75");
      var batch = new MatmulGeometry(2, M, N, K, tA, tB, false, false);
      product(cublas, batch, DType.FLOAT64, MatmulPrecision.FP32, "gemm 70 batch 2");
      product(cublas, batch, DType.FLOAT32, MatmulPrecision.TF32, "gemm 77 batch 2");
      var repeatsA = new MatmulGeometry(2, M, N, K, tA, tB, true, false);
      product(cublas, repeatsA, DType.FLOAT32, MatmulPrecision.FP32, "gemm 68 batch 2");
      var repeatsB = new MatmulGeometry(2, M, N, K, tA, tB, false, true);
      product(cublas, repeatsB, DType.FLOAT32, MatmulPrecision.BF16, "gemm 75 batch 2");
    }
  }

  private void product(
      Cublas cublas, MatmulGeometry g, DType dtype, MatmulPrecision precision, String call)
      throws IOException {
    int aLength = (g.repeatA() ? 1 : g.batch()) * M * K;
    int bLength = (g.repeatB() ? 1 : g.batch()) * K * N;
    int cLength = g.batch() * M * N;
    upload(a, dtype, aLength, 0);
    upload(b, dtype, bLength, 1000);
    driver.fill(c, (byte) -1, cLength * dtype.bytes() + 8, stream);
    cublas.multiply(g, dtype, precision, a, b, c);
    log.assertLines(
        "H2D %d in stream 7".formatted(aLength * dtype.bytes()),
        "H2D %d in stream 7".formatted(bLength * dtype.bytes()),
        call);
    ByteBuffer result = buffer(cLength * dtype.bytes() + 8);
    driver.copyToHost(c, result, stream);
    boolean isDouble = dtype == DType.FLOAT64;
    MatmulPrecision kept = isDouble ? MatmulPrecision.FP32 : precision;
    for (int i = 0; i < cLength; i++) {
      double actual = isDouble ? result.getDouble(8 * i) : result.getFloat(4 * i);
      assertEquals(expected(g, kept, i), actual, 1e-5, "%s of %s at %d".formatted(precision, g, i));
    }
    assertEquals(-1L, result.getLong(cLength * dtype.bytes()), "behind the result");
  }

  /** An element of the product, by its definition. */
  private static double expected(MatmulGeometry g, MatmulPrecision precision, int at) {
    int batch = at / (M * N);
    int row = at / N % M;
    int column = at % N;
    double sum = 0;
    for (int k = 0; k < K; k++) {
      int inA = (g.repeatA() ? 0 : batch * M * K) + (g.transposeA() ? k * M + row : row * K + k);
      int inB =
          (g.repeatB() ? 0 : batch * K * N) + (g.transposeB() ? column * K + k : k * N + column);
      sum += value(inA, precision) * value(1000 + inB, precision);
    }
    return sum;
  }

  /** From 1 to 4, with parts that TF32 or bf16 have no bits for. */
  private static double value(int i, MatmulPrecision precision) {
    double value = 1 + i * 7 % 3;
    if (precision != MatmulPrecision.BF16) {
      value += i % 2 * 0x1p-9;
    }
    if (precision == MatmulPrecision.FP32) {
      value += i % 5 % 2 * 0x1p-12;
    }
    return value;
  }

  private void upload(long target, DType dtype, int length, int first) {
    ByteBuffer values = buffer(length * dtype.bytes());
    for (int i = 0; i < length; i++) {
      double value = value(first + i, MatmulPrecision.FP32);
      if (dtype == DType.FLOAT64) {
        values.putDouble(8 * i, value);
      } else {
        values.putFloat(4 * i, (float) value);
      }
    }
    driver.copyToDevice(values, target, stream);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private void fails(Cublas cublas) throws IOException {
    CudaException refused = failure(cublas, 13);
    assertEquals(
        "CUDA: cublasGemmEx of %s failed: CUBLAS_STATUS_EXECUTION_FAILED (13), the function failed to launch on the GPU"
            .formatted(vectors(13)),
        refused.getMessage());
    assertFalse(refused.isFatal());
    CudaException outOfMemory = failure(cublas, 3);
    assertEquals(
        "CUDA: cublasGemmEx of %s (CUBLAS_STATUS_ALLOC_FAILED) failed: CUDA_ERROR_OUT_OF_MEMORY (2), out of memory"
            .formatted(vectors(3)),
        outOfMemory.getMessage());
    assertTrue(outOfMemory.isOutOfMemory());
    CudaException fatal = failure(cublas, 700);
    assertEquals(
        "CUDA: cublasGemmEx of %s (CUBLAS_STATUS_EXECUTION_FAILED) failed: CUDA_ERROR_ILLEGAL_ADDRESS (700), an unknown status"
            .formatted(vectors(700)),
        fatal.getMessage());
    assertTrue(fatal.isFatal());
    log.assertLines("gemm 68", "gemm 68", "gemm 68");
    assertEquals(
        "CUDA: cuBLAS was given 8196 bytes at 0x%x, expected live device memory; it was freed before, or is of another device."
            .formatted(a),
        assertThrows(RuntimeException.class, () -> multiply(cublas, 2049)).getMessage());
    log.assertLines();
  }

  private CudaException failure(Cublas cublas, int k) {
    return assertThrows(CudaException.class, () -> multiply(cublas, k));
  }

  private void multiply(Cublas cublas, int k) {
    cublas.multiply(vectors(k), DType.FLOAT32, MatmulPrecision.FP32, a, b, c);
  }

  private static MatmulGeometry vectors(int k) {
    return new MatmulGeometry(1, 1, 1, k, false, false, false, false);
  }

  /** The fake library gives out one handle. */
  private void opensNoOther() throws IOException {
    assertEquals(Optional.empty(), driver.openCublas(stream));
    log.assertLines("alloc 33554432", "free");
  }

  private void closes(boolean cublas) throws IOException {
    if (cublas) {
      log.assertLines(
          "cublas destroy 77", "free", "free", "free", "free", "free host", "release 1");
    } else {
      log.assertLines("free", "free", "free", "free host", "release 1");
    }
  }
}
