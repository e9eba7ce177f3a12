// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.op.Conv2dOptions;
import io.sparkgrad.examples.bench.Workload.Kind;
import io.sparkgrad.nn.Conv2d;
import io.sparkgrad.nn.Flatten;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.MaxPool2d;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.TransformerEncoderLayer;
import io.sparkgrad.nn.TransformerEncoderOptions;
import io.sparkgrad.nn.models.Mlp;
import io.sparkgrad.nn.models.MobileNetV4;
import io.sparkgrad.nn.models.ResNet;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.shape.Shape;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The workloads under their names. */
public final class Workloads {
  /** A matrix product that is large enough to run at the machine's peak. */
  static final Workload GEMM =
      new Workload(
          "gemm", Kind.INFER, () -> new Linear(2048, 512, false), List.of(), Shape.of(512, 2048));

  private Workloads() {}

  public static List<Workload> all() {
    List<Workload> all = new ArrayList<>();
    for (int batch : new int[] {32, 128}) {
      Shape images = Shape.of(batch, 3, 32, 32);
      Supplier<Module> cnn = () -> SimpleCnn.create(3, 32, 32, Workload.CLASSES);
      all.add(of("cnn-train", Kind.TRAIN_CLASSES, cnn, images));
      all.add(
          new Workload("cnn-frozen-b" + batch, Kind.TRAIN_CLASSES, cnn, List.of("conv1"), images));
      all.add(of("cnn-infer", Kind.INFER, cnn, images));
      all.add(of("cnnpool-train", Kind.TRAIN_CLASSES, Workloads::pooledCnn, images));
      all.add(of("cnnpool-infer", Kind.INFER, Workloads::pooledCnn, images));
    }
    Supplier<Module> resnet = () -> ResNet.resnet18(Workload.CLASSES);
    all.add(of("resnet18-train", Kind.TRAIN_CLASSES, resnet, Shape.of(16, 3, 64, 64)));
    all.add(of("resnet18-infer", Kind.INFER, resnet, Shape.of(16, 3, 64, 64)));
    all.add(
        of(
            "mobilenet-infer",
            Kind.INFER,
            MobileNetV4::convSmall050Backbone,
            Shape.of(32, 1, 112, 112)));
    for (int batch : new int[] {32, 128}) {
      Supplier<Module> mlp = () -> Mlp.create(784, 256, 128, Workload.CLASSES);
      all.add(of("mlp-train", Kind.TRAIN_CLASSES, mlp, Shape.of(batch, 784)));
      all.add(of("mlp-infer", Kind.INFER, mlp, Shape.of(batch, 784)));
    }
    all.add(of("tiny-step", Kind.TRAIN_VALUES, () -> new Linear(1, 1), Shape.of(3, 1)));
    all.add(of("encoder-train", Kind.TRAIN_VALUES, Workloads::encoder, Shape.of(16, 64, 128)));
    return List.copyOf(all);
  }

  static Workload of(String name, Kind kind, Supplier<Module> network, Shape input) {
    return new Workload(name + "-b" + input.size(0), kind, network, List.of(), input);
  }

  /** {@link SimpleCnn} with 2×2 max pooling behind each relu. */
  private static Module pooledCnn() {
    Conv2dOptions same = Conv2dOptions.DEFAULT.withPadding(1);
    return Sequential.builder()
        .add("conv1", new Conv2d(3, 16, 3, same))
        .add("relu1", new ReLU())
        .add("pool1", new MaxPool2d(2))
        .add("conv2", new Conv2d(16, 32, 3, same))
        .add("relu2", new ReLU())
        .add("pool2", new MaxPool2d(2))
        .add("flatten", new Flatten())
        .add("fc", new Linear(32 * 8 * 8, Workload.CLASSES))
        .build();
  }

  /** PyTorch's default width, 2048; without dropout, whose random numbers nobody shares. */
  static Module encoder() {
    return new TransformerEncoderLayer(
        128, 4, TransformerEncoderOptions.DEFAULT.withDropout(0).withBatchFirst(true));
  }

  /**
   * Those that a glob such as <code>{cnn,mlp}-train-*</code> names.
   *
   * @throws IllegalArgumentException if it names none; the message lists them
   */
  static List<Workload> matching(List<Workload> all, String glob) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
    List<Workload> found = all.stream().filter(w -> matcher.matches(Path.of(w.name()))).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "--workloads: expected a glob over %s, got '%s'"
              .formatted(all.stream().map(Workload::name).toList(), glob));
    }
    return found;
  }

  /** The workload of this very name, on CPUs or GPUs, the peak's included. */
  public static Workload named(String name) {
    List<Workload> all = new ArrayList<>(all());
    all.addAll(GpuWorkloads.all());
    all.add(GEMM);
    return matching(all, name).get(0);
  }
}
