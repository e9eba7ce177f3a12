// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.benchmark;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.MatmulGeometry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A product and its two gradients, as a linear layer computes them, without bias. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ProductBenchmark {
  @Param({"java", "onednn"})
  public String backend;

  @Param public ProductShape shape;

  private Backend kernels;
  private Buffer x;
  private Buffer w;
  private Buffer y;
  private Buffer xGradient;
  private Buffer wGradient;
  private Buffer yGradient;

  @Setup
  public void allocate() {
    kernels = Backends.byName(backend);
    x = RandomBuffer.on(kernels, (long) shape.batch * shape.m * shape.k);
    w = RandomBuffer.on(kernels, (long) shape.batch * shape.n * shape.k);
    y = RandomBuffer.on(kernels, (long) shape.batch * shape.m * shape.n);
    xGradient = RandomBuffer.on(kernels, x.length());
    wGradient = RandomBuffer.on(kernels, w.length());
    yGradient = RandomBuffer.on(kernels, y.length());
  }

  private MatmulGeometry product(int m, int n, int k, boolean transposeA, boolean transposeB) {
    return new MatmulGeometry(shape.batch, m, n, k, transposeA, transposeB, false, false);
  }

  @Benchmark
  public void forward() {
    kernels.matmul(product(shape.m, shape.n, shape.k, false, true), x, w, y);
  }

  @Benchmark
  public void inputGradient() {
    kernels.matmul(product(shape.m, shape.k, shape.n, false, false), yGradient, w, xGradient);
  }

  @Benchmark
  public void weightGradient() {
    kernels.matmul(product(shape.n, shape.k, shape.m, true, false), yGradient, x, wGradient);
  }
}
