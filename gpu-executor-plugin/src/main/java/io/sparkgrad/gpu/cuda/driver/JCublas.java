// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmEx_new;
import static jcuda.jcublas.JCublas2.cublasGemmStridedBatchedEx_new;
import static jcuda.jcublas.JCublas2.cublasGetVersion;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSetWorkspace;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;

/** cuBLAS through JCublas2, where {@link CublasLibrary} says that it can be used. */
final class JCublas implements Cublas {
  /** Bytes: NVIDIA's recommendation for Hopper, which is the largest of all GPUs. */
  static final long WORKSPACE = 32L << 20;

  /**
   * 1024·1024·512: 55 µs of an A100 in FP32 and 7 µs in TF32, by its peak. A call costs the host
   * some 10 µs and cuts a graph in two, so that below this size kernels in graphs should win.
   * Reckoned, not measured.
   */
  private static final long LEAST_MULTIPLICATIONS = 1L << 29;

  /** 1 and 0 as FLOAT32 and FLOAT64, in memory that does not move: cuBLAS gets their addresses. */
  private static final ByteBuffer FACTORS =
      ByteBuffer.allocateDirect(24)
          .order(ByteOrder.nativeOrder())
          .putDouble(0, 1)
          .putFloat(8, 1)
          .putDouble(16, 0);

  private static final Pointer DOUBLE_ONE = Pointer.to(FACTORS);
  private static final Pointer FLOAT_ONE = DOUBLE_ONE.withByteOffset(8);
  private static final Pointer ZERO = DOUBLE_ONE.withByteOffset(16);

  private final PrimaryContext context;
  private final LiveMemory live;
  private final cublasHandle handle = new cublasHandle();
  private final String version;

  /**
   * Opens it in the current context.
   *
   * @param workspace the address of {@link #WORKSPACE} bytes that nobody else uses
   */
  JCublas(PrimaryContext context, LiveMemory live, CUstream stream, long workspace) {
    this.context = context;
    this.live = live;
    CublasStatus.check(cublasCreate(handle), "cublasCreate");
    CublasStatus.check(cublasSetStream(handle, new cudaStream_t(stream)), "cublasSetStream");
    // Behind the stream: setting that brings the library's own workspace back.
    CublasStatus.check(
        cublasSetWorkspace(handle, new RawPointers.Device(workspace), WORKSPACE),
        "cublasSetWorkspace");
    int[] number = {0};
    CublasStatus.check(cublasGetVersion(handle, number), "cublasGetVersion");
    version = "%d.%d.%d".formatted(number[0] / 10000, number[0] / 100 % 100, number[0] % 100);
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public long leastMultiplications() {
    return LEAST_MULTIPLICATIONS;
  }

  /**
   * What is row-major here is the transposed matrix in cuBLAS, whose matrices are column-major; so
   * it is asked for {@code Cᵀ = op(B)ᵀ·op(A)ᵀ}, an {@code [n, m]} matrix.
   */
  @Override
  public synchronized void multiply(
      MatmulGeometry g, DType dtype, MatmulPrecision precision, long a, long b, long c) {
    context.enter();
    long aStride = g.repeatA() ? 0 : (long) g.m() * g.k();
    long bStride = g.repeatB() ? 0 : (long) g.k() * g.n();
    long cStride = (long) g.m() * g.n();
    Pointer pa = operand(a, g.repeatA() ? 1 : g.batch(), (long) g.m() * g.k(), dtype);
    Pointer pb = operand(b, g.repeatB() ? 1 : g.batch(), (long) g.k() * g.n(), dtype);
    Pointer pc = operand(c, g.batch(), cStride, dtype);
    int opA = operation(g.transposeA());
    int opB = operation(g.transposeB());
    int lda = g.transposeA() ? g.m() : g.k();
    int ldb = g.transposeB() ? g.k() : g.n();
    boolean isDouble = dtype == DType.FLOAT64;
    int type = isDouble ? cudaDataType.CUDA_R_64F : cudaDataType.CUDA_R_32F;
    int compute = isDouble ? cublasComputeType.CUBLAS_COMPUTE_64F : compute(precision);
    Pointer one = isDouble ? DOUBLE_ONE : FLOAT_ONE;
    int algorithm = cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;
    if (g.batch() == 1) { // has algorithms that a batch has not
      int status =
          cublasGemmEx_new(
              handle, opB, opA, g.n(), g.m(), g.k(), one, pb, type, ldb, pa, type, lda, ZERO, pc,
              type, g.n(), compute, algorithm);
      CublasStatus.check(status, "cublasGemmEx", g);
    } else {
      int status =
          cublasGemmStridedBatchedEx_new(
              handle, opB, opA, g.n(), g.m(), g.k(), one, pb, type, ldb, bStride, pa, type, lda,
              aStride, ZERO, pc, type, g.n(), cStride, g.batch(), compute, algorithm);
      CublasStatus.check(status, "cublasGemmStridedBatchedEx", g);
    }
  }

  private Pointer operand(long address, int matrices, long elements, DType dtype) {
    live.check("cuBLAS", address, matrices * elements * dtype.bytes());
    return new RawPointers.Device(address);
  }

  private static int operation(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  /** Each takes operands in FLOAT32 and rounds them on the way, or not: 32F never is TF32. */
  private static int compute(MatmulPrecision precision) {
    return switch (precision) {
      case FP32 -> cublasComputeType.CUBLAS_COMPUTE_32F;
      case TF32 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
      case BF16 -> cublasComputeType.CUBLAS_COMPUTE_32F_FAST_16BF;
    };
  }

  void destroy() {
    CublasStatus.check(cublasDestroy(handle), "cublasDestroy");
  }
}
