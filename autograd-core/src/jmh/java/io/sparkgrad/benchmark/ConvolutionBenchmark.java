// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.benchmark;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.Buffer;
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

/** A convolution and its two gradients, without bias. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class ConvolutionBenchmark {
  @Param({"java", "onednn"})
  public String backend;

  @Param public ConvolutionShape shape;

  private Backend kernels;
  private Buffer x;
  private Buffer weight;
  private Buffer y;
  private Buffer xGradient;
  private Buffer weightGradient;
  private Buffer yGradient;

  @Setup
  public void allocate() {
    kernels = Backends.byName(backend);
    x = RandomBuffer.on(kernels, shape.inputs());
    weight = RandomBuffer.on(kernels, shape.weights());
    y = RandomBuffer.on(kernels, shape.outputs());
    xGradient = RandomBuffer.on(kernels, shape.inputs());
    weightGradient = RandomBuffer.on(kernels, shape.weights());
    yGradient = RandomBuffer.on(kernels, shape.outputs());
  }

  @Benchmark
  public void forward() {
    kernels.conv2d(shape.geometry, x, weight, null, y);
  }

  @Benchmark
  public void inputGradient() {
    kernels.conv2dInputGradient(shape.geometry, yGradient, weight, xGradient);
  }

  @Benchmark
  public void weightGradient() {
    kernels.conv2dWeightGradient(shape.geometry, x, yGradient, weightGradient, null);
  }
}
