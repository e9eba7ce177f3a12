// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.MatmulPrecision;
import io.sparkgrad.gpu.cuda.driver.Cublas;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.CudaException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A cuBLAS that does in Java what is in order in its stream, with operands rounded as on tensor
 * cores. Whoever asks its {@link #driver} for cuBLAS gets it.
 */
final class EmulatedCublas implements Cublas {
  private static final int OUT_OF_MEMORY = 2;

  /** A product that was asked for. */
  record Call(MatmulGeometry geometry, DType dtype, MatmulPrecision precision) {}

  private final CudaDriver driver;
  private final List<Call> calls = new ArrayList<>();
  private long stream;
  private int failures;

  EmulatedCublas(CudaDriver driver) {
    this.driver = driver;
  }

  CudaDriver driver() {
    return (CudaDriver)
        Proxy.newProxyInstance(
            CudaDriver.class.getClassLoader(),
            new Class<?>[] {CudaDriver.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("openCublas")) {
                stream = (long) arguments[0];
                return Optional.of(this);
              }
              try {
                return method.invoke(driver, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  /** Lets so many calls from now on find no memory. */
  void fail(int calls) {
    failures = calls;
  }

  @Override
  public String version() {
    return "0.0.0";
  }

  @Override
  public long leastMultiplications() {
    return 5000;
  }

  @Override
  public void multiply(
      MatmulGeometry g, DType dtype, MatmulPrecision precision, long a, long b, long c) {
    calls.add(new Call(g, dtype, precision));
    if (failures > 0) {
      failures--;
      throw new CudaException("a product", OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "none left");
    }
    int as = g.m() * g.k();
    int bs = g.k() * g.n();
    int cs = g.m() * g.n();
    double[] left = read(a, dtype, (g.repeatA() ? 1 : g.batch()) * as, precision);
    double[] right = read(b, dtype, (g.repeatB() ? 1 : g.batch()) * bs, precision);
    ByteBuffer result = buffer(dtype, g.batch() * cs);
    for (int i = 0; i < g.batch() * cs; i++) {
      int row = i / g.n() % g.m();
      int column = i % g.n();
      int atA = g.repeatA() ? 0 : i / cs * as;
      int atB = g.repeatB() ? 0 : i / cs * bs;
      double sum = 0;
      for (int k = 0; k < g.k(); k++) {
        sum +=
            left[atA + (g.transposeA() ? k * g.m() + row : row * g.k() + k)]
                * right[atB + (g.transposeB() ? column * g.k() + k : k * g.n() + column)];
      }
      if (dtype == DType.FLOAT32) {
        result.putFloat((float) sum);
      } else {
        result.putDouble(sum);
      }
    }
    driver.copyToDevice(result.flip(), c, stream);
  }

  private double[] read(long address, DType dtype, int length, MatmulPrecision precision) {
    ByteBuffer values = buffer(dtype, length);
    driver.copyToHost(address, values, stream);
    double[] result = new double[length];
    for (int i = 0; i < length; i++) {
      result[i] =
          dtype == DType.FLOAT32
              ? Rounding.round(values.getFloat(4 * i), precision)
              : values.getDouble(8 * i);
    }
    return result;
  }

  private static ByteBuffer buffer(DType dtype, int length) {
    return ByteBuffer.allocateDirect(dtype.bytes() * length).order(ByteOrder.nativeOrder());
  }
}
