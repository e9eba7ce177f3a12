// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.BatchNormGeometry;
import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.CrossEntropyGeometry;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DeviceType;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.GeluKernel;
import io.sparkgrad.backend.LayerNormGeometry;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.PendingCopy;
import io.sparkgrad.backend.Pool2dGeometry;
import io.sparkgrad.backend.Readback;
import io.sparkgrad.backend.ReduceKernel;
import io.sparkgrad.backend.SgdStep;
import io.sparkgrad.backend.SoftmaxKernel;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.gpu.cuda.driver.CudaDriver;
import io.sparkgrad.gpu.cuda.driver.DeviceProperties;
import io.sparkgrad.shape.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All of the contract on one GPU, in one stream. Work is enqueued and nobody waits for it but those
 * who read values.
 */
final class CudaBackend implements Backend, GpuDevice {
  private final String name;
  private final CudaDriver driver;
  private final LaunchQueue queue;
  private final DeviceMemory memory;
  private final Fills fills;
  private final Transfers transfers;
  private final Elementwise elementwise;
  private final Movement movement;
  private final Reductions reductions;
  private final Softmaxes softmaxes;
  private final CrossEntropies crossEntropies;
  private final Products products;
  private final Convolutions convolutions;
  private final Poolings poolings;
  private final BatchNorms batchNorms;
  private final LayerNorms layerNorms;
  private final OptimizerSteps optimizerSteps;

  CudaBackend(String name, CudaDriver driver, DeviceSettings settings) {
    this.name = name;
    this.driver = driver;
    queue = new LaunchQueue(driver, driver.createStream(), settings.graphs());
    memory = new DeviceMemory(driver, queue, settings);
    Kernels kernels = new Kernels(driver, queue, memory);
    fills = new Fills(kernels);
    transfers = new Transfers(driver, queue, memory, fills);
    elementwise = new Elementwise(kernels);
    movement = new Movement(kernels);
    reductions = new Reductions(kernels, memory);
    softmaxes = new Softmaxes(kernels);
    crossEntropies = new CrossEntropies(kernels);
    products = new Products(kernels, memory, settings);
    convolutions = new Convolutions(kernels, memory, products);
    poolings = new Poolings(kernels);
    batchNorms = new BatchNorms(kernels, memory);
    layerNorms = new LayerNorms(kernels, memory);
    optimizerSteps = new OptimizerSteps(kernels);
  }

  Fills fills() {
    return fills;
  }

  /** Ends all work and gives the device back; buffers are of no use afterwards. */
  void close() {
    queue.synchronize();
    driver.close();
  }

  @Override
  public Snapshot metrics() {
    DeviceMemory.Usage usage = memory.usage();
    LaunchQueue.Counts counts = queue.counts();
    return new Snapshot(
        usage.held(),
        usage.used(),
        usage.peak(),
        usage.hits(),
        usage.misses(),
        counts.launches(),
        counts.graphLaunches(),
        counts.graphUpdates(),
        transfers.bytesToDevice(),
        transfers.bytesToHost());
  }

  @Override
  public DeviceProperties properties() {
    return driver.device();
  }

  @Override
  public CudaDriver.MemoryInfo memoryInfo() {
    return driver.memory();
  }

  @Override
  public long memoryLimit() {
    return memory.limit();
  }

  @Override
  public List<Leak> collectedLeaks() {
    return memory.collectedLeaks();
  }

  @Override
  public List<Leak> inUse() {
    return memory.inUse();
  }

  DeviceMemory memory() {
    return memory;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public DeviceType deviceType() {
    return DeviceType.GPU;
  }

  @Override
  public boolean supports(DType dtype) {
    return dtype.isFloatingPoint();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return new CudaBuffer(this, dtype, length);
  }

  @Override
  public void upload(double[] source, Buffer target) {
    transfers.upload(source, target);
  }

  @Override
  public void upload(float[] source, int offset, Buffer target) {
    transfers.upload(source, offset, target);
  }

  @Override
  public void upload(long[] source, Buffer target) {
    transfers.upload(source, target);
  }

  @Override
  public void upload(float[] source, int[] offsets, List<Buffer> targets) {
    transfers.upload(source, offsets, targets);
  }

  @Override
  public void download(Buffer source, double[] target) {
    transfers.download(source, target);
  }

  @Override
  public void download(Buffer source, float[] target, int offset) {
    transfers.download(source, target, offset);
  }

  @Override
  public void download(Buffer source, long[] target) {
    transfers.download(source, target);
  }

  @Override
  public Readback downloadLater(Buffer source) {
    return transfers.downloadLater(source);
  }

  @Override
  public PendingCopy downloadLater(List<Buffer> sources, int[] offsets, float[] target) {
    return transfers.downloadLater(sources, offsets, target);
  }

  @Override
  public void fill(Buffer target, double value) {
    transfers.fill(target, value);
  }

  @Override
  public void cast(Buffer source, Buffer target) {
    movement.cast(source, target);
  }

  @Override
  public void copy(Shape region, Buffer source, Layout from, Buffer target, Layout to) {
    movement.copy(region, source, from, target, to);
  }

  @Override
  public void unary(UnaryKernel kernel, double p, Buffer x, Buffer y) {
    elementwise.unary(kernel, p, x, y);
  }

  @Override
  public void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape) {
    elementwise.binary(kernel, a, aShape, b, bShape, y, yShape);
  }

  @Override
  public void reluGradient(Buffer y, Buffer g, Buffer gx) {
    elementwise.reluGradient(y, g, gx);
  }

  @Override
  public void gelu(GeluKernel kernel, Buffer x, Buffer y) {
    elementwise.gelu(kernel, x, y);
  }

  @Override
  public void geluGradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient) {
    elementwise.geluGradient(kernel, x, yGradient, xGradient);
  }

  @Override
  public void axpy(double alpha, Buffer x, Buffer y) {
    elementwise.axpy(alpha, x, y);
  }

  @Override
  public void reduce(ReduceKernel kernel, Buffer x, Shape xShape, boolean[] axes, Buffer y) {
    reductions.reduce(kernel, x, xShape, axes, y);
  }

  @Override
  public void scanLastAxis(ReduceKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    reductions.scanLastAxis(kernel, x, rows, columns, y);
  }

  @Override
  public void argmaxLastAxis(Buffer x, long rows, long columns, Buffer indices) {
    reductions.argmaxLastAxis(x, rows, columns, indices);
  }

  @Override
  public void softmaxLastAxis(SoftmaxKernel kernel, Buffer x, long rows, long columns, Buffer y) {
    softmaxes.softmaxLastAxis(kernel, x, rows, columns, y);
  }

  @Override
  public void softmaxGradientLastAxis(
      SoftmaxKernel kernel, Buffer y, Buffer yGradient, long rows, long columns, Buffer xGradient) {
    softmaxes.softmaxGradientLastAxis(kernel, y, yGradient, rows, columns, xGradient);
  }

  @Override
  public void crossEntropy(
      CrossEntropyGeometry geometry,
      Buffer x,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer logs,
      Buffer losses) {
    crossEntropies.crossEntropy(geometry, x, targets, weight, logs, losses);
  }

  @Override
  public void crossEntropyGradient(
      CrossEntropyGeometry geometry,
      Buffer logs,
      Buffer targets,
      @Nullable Buffer weight,
      Buffer lossGradients,
      Buffer xGradient) {
    crossEntropies.crossEntropyGradient(geometry, logs, targets, weight, lossGradients, xGradient);
  }

  @Override
  public void gatherRows(Buffer x, long columns, Buffer indices, Buffer y) {
    movement.gatherRows(x, columns, indices, y);
  }

  @Override
  public void scatterAddRows(Buffer x, long columns, Buffer indices, Buffer y) {
    movement.scatterAddRows(x, columns, indices, y);
  }

  @Override
  public void matmul(MatmulGeometry geometry, Buffer a, Buffer b, Buffer c) {
    products.matmul(geometry, a, b, c);
  }

  @Override
  public void linear(
      LinearGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      boolean relu,
      Buffer y) {
    products.linear(geometry, x, weight, bias, relu, y);
  }

  @Override
  public void conv2d(
      Conv2dGeometry geometry, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    conv2d(geometry, x, weight, bias, Epilogue.NONE, y);
  }

  @Override
  public void conv2d(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      Epilogue epilogue,
      Buffer y) {
    convolutions.conv2d(geometry, x, weight, bias, epilogue, y);
  }

  @Override
  public boolean fusesEpilogues() {
    return true;
  }

  @Override
  public void conv2dInputGradient(
      Conv2dGeometry geometry, Buffer yGradient, Buffer weight, Buffer xGradient) {
    convolutions.conv2dInputGradient(geometry, yGradient, weight, xGradient);
  }

  @Override
  public void conv2dWeightGradient(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer yGradient,
      Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    convolutions.conv2dWeightGradient(geometry, x, yGradient, weightGradient, biasGradient);
  }

  @Override
  public @Nullable Buffer maxPool2d(Pool2dGeometry geometry, Buffer x, Buffer y, boolean places) {
    return poolings.maxPool2d(geometry, x, y, places);
  }

  @Override
  public void maxPool2dGradient(
      Pool2dGeometry geometry, Buffer places, Buffer yGradient, Buffer xGradient) {
    poolings.maxPool2dGradient(geometry, places, yGradient, xGradient);
  }

  @Override
  public void maxPool2dIndices(Pool2dGeometry geometry, Buffer places, Buffer indices) {
    poolings.maxPool2dIndices(geometry, places, indices);
  }

  @Override
  public void avgPool2d(Pool2dGeometry geometry, boolean countIncludePad, Buffer x, Buffer y) {
    poolings.avgPool2d(geometry, countIncludePad, x, y);
  }

  @Override
  public void avgPool2dGradient(
      Pool2dGeometry geometry, boolean countIncludePad, Buffer yGradient, Buffer xGradient) {
    poolings.avgPool2dGradient(geometry, countIncludePad, yGradient, xGradient);
  }

  @Override
  public void batchNorm(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    batchNorms.batchNorm(geometry, x, weight, bias, mean, variance, y);
  }

  @Override
  public void batchNormGradient(
      BatchNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    batchNorms.batchNormGradient(
        geometry, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
  }

  @Override
  public void layerNorm(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    layerNorms.layerNorm(geometry, x, weight, bias, mean, variance, y);
  }

  @Override
  public void layerNormGradient(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    layerNorms.layerNormGradient(
        geometry, x, weight, mean, variance, yGradient, xGradient, weightGradient, biasGradient);
  }

  @Override
  public void sgdStep(
      SgdStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> momentumBuffers) {
    optimizerSteps.sgdStep(settings, parameters, gradients, momentumBuffers);
  }

  @Override
  public void adamStep(
      AdamStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs) {
    optimizerSteps.adamStep(settings, parameters, gradients, expAvgs, expAvgSqs, maxExpAvgSqs);
  }
}
