// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.examples.bench.Workload.Kind;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** What {@code bench-gpu} measures: networks, and products and convolutions by themselves. */
final class GpuWorkloads {
  private static final int IMAGES = 32;

  private GpuWorkloads() {}

  /** A layer by itself, with the multiplications and additions of one call. */
  private record Kernel(Workload workload, double flops) {}

  static List<Workload> all() {
    List<Workload> all = new ArrayList<>();
    for (int batch : new int[] {32, 512}) {
      add(all, "cnn", () -> SimpleCnn.create(3, 32, 32, Workload.CLASSES), batch, 3, 32, 32);
      add(all, "mlp", () -> Mlp.create(784, 256, 128, Workload.CLASSES), batch, 784);
    }
    for (int side : new int[] {64, 224}) {
      add(all, "resnet18-" + side, () -> ResNet.resnet18(Workload.CLASSES), IMAGES, 3, side, side);
    }
    Shape sentences = Shape.of(16, 64, 128);
    all.add(Workloads.of("encoder-train", Kind.TRAIN_VALUES, Workloads::encoder, sentences));
    all.add(Workloads.of("encoder-infer", Kind.INFER, Workloads::encoder, sentences));
    kernels().forEach(k -> all.add(k.workload));
    return List.copyOf(all);
  }

  /** Of one call of a layer by itself; empty for networks. */
  static OptionalDouble flops(Workload workload) {
    return kernels().stream()
        .filter(k -> k.workload.name().equals(workload.name()))
        .mapToDouble(Kernel::flops)
        .findFirst();
  }

  private static List<Kernel> kernels() {
    List<Kernel> kernels = new ArrayList<>();
    for (int size : new int[] {512, 1024, 2048, 4096, 8192}) {
      kernels.add(
          kernel(
              "gemm-" + size,
              () -> new Linear(size, size, false),
              Shape.of(size, size),
              2.0 * size * size * size));
    }
    kernels.add(convolution(3, 64, 7, 2, 224)); // those of ResNet-18 at 224×224
    kernels.add(convolution(64, 64, 3, 1, 56));
    kernels.add(convolution(64, 128, 1, 2, 56));
    kernels.add(convolution(128, 128, 3, 1, 28));
    kernels.add(convolution(256, 256, 3, 1, 14));
    kernels.add(convolution(512, 512, 3, 1, 7));
    return kernels;
  }

  private static void add(
      List<Workload> all, String name, Supplier<Module> network, long... batch) {
    Shape input = Shape.of(batch);
    all.add(Workloads.of(name + "-train", Kind.TRAIN_CLASSES, network, input));
    all.add(Workloads.of(name + "-infer", Kind.INFER, network, input));
  }

  private static Kernel convolution(int in, int out, int kernel, int stride, int side) {
    Conv2dOptions options = Conv2dOptions.DEFAULT.withStride(stride).withPadding(kernel / 2);
    double results = (double) IMAGES * out * side / stride * side / stride;
    return kernel(
        "conv-%dx%d-%d-%d-%d".formatted(kernel, kernel, in, out, side),
        () -> new Conv2d(in, out, kernel, options),
        Shape.of(IMAGES, in, side, side),
        2.0 * results * in * kernel * kernel);
  }

  private static Kernel kernel(String name, Supplier<Module> layer, Shape input, double flops) {
    return new Kernel(new Workload(name, Kind.REPEAT, layer, List.of(), input), flops);
  }
}
