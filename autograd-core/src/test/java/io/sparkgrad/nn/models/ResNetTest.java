// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.models;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.io.Safetensors;
import io.sparkgrad.nn.Architecture;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.shape.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ResNetTest {
  /** Weights and images that are not part of the project; tests that need them skip without. */
  private static final Path DATA =
      Path.of(Objects.requireNonNullElse(System.getenv("SPARKGRAD_DATA"), "../shared/data"));

  private static final int SIDE = 32;
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private static Path data(String name) {
    Path file = DATA.resolve(name);
    assumeTrue(
        Files.exists(file),
        () -> file.toAbsolutePath().normalize() + " is absent; set SPARKGRAD_DATA");
    return file;
  }

  static Stream<Arguments> torchvision() {
    return Stream.of(
        Arguments.of((IntFunction<Module>) ResNet::resnet18, 11_689_512, 122, "layer4.1.bn2.bias"),
        Arguments.of((IntFunction<Module>) ResNet::resnet34, 21_797_672, 218, "layer4.2.bn2.bias"),
        Arguments.of((IntFunction<Module>) ResNet::resnet50, 25_557_032, 320, "layer4.2.bn3.bias"));
  }

  @ParameterizedTest
  @MethodSource("torchvision")
  @DisplayName("parameters and state names of torchvision's resnet18, 34 and 50")
  void sizes(IntFunction<Module> network, long parameters, int entries, String last) {
    Module net = network.apply(1000);
    assertEquals(parameters, net.parameters().stream().mapToLong(Tensor::numel).sum());
    Map<String, Tensor> state = net.stateDict();
    assertEquals(entries, state.size());
    List<String> names = new ArrayList<>(net.namedParameters().keySet());
    assertEquals(
        List.of("conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight"),
        names.subList(0, 4));
    assertEquals(
        List.of(last, "fc.weight", "fc.bias"), names.subList(names.size() - 3, names.size()));
    assertEquals(Shape.of(64, 3, 7, 7), state.get("conv1.weight").shape());
    assertNotNull(state.get("layer2.0.downsample.1.num_batches_tracked"));
    assertEquals(1, state.get("layer2.0.downsample.0.weight").shape().size(2));
  }

  @Test
  @DisplayName("five halvings: [1, 3, 64, 64] is [1, 512, 2, 2] before the mean")
  void shapes() {
    Module net = ResNet.resnet18(5);
    net.eval();
    try (var mode = GradMode.noGrad()) {
      Tensor x = Tensor.ones(1, 3, 64, 64);
      for (Map.Entry<String, Module> layer : net.namedChildren().entrySet()) {
        x = layer.getValue().forward(x);
        if (layer.getKey().equals("layer4")) {
          assertEquals(Shape.of(1, 512, 2, 2), x.shape());
        }
      }
      assertEquals(Shape.of(1, 5), x.shape());
      assertEquals(
          Shape.of(1, 16, 2, 2), new Bottleneck(4, 4, 2).forward(Tensor.ones(1, 4, 4, 4)).shape());
    }
  }

  @Test
  @DisplayName("convolutions start with deviation √(2/fanOut)")
  void init() {
    double[] w = ResNet.conv(64, 64, 3, 1).weight().toDoubleArray();
    double squares = 0;
    for (double v : w) {
      squares += v * v;
    }
    assertEquals(Math.sqrt(2.0 / (64 * 9)), Math.sqrt(squares / w.length), 1e-3);
  }

  @Test
  @DisplayName("S02: state with batch norms goes through safetensors bit for bit, frozen or not")
  void survivesTheWayThroughSafetensors() throws IOException {
    Module net = ResNet.cifar(8, 10);
    net.forward(Tensor.ones(2, 3, 8, 8));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(net.stateDict(), Map.of(), out);
    Module again = ResNet.cifar(8, 10);
    again.freeze(List.of("conv1"));
    again.loadStateDict(Safetensors.read(out.toByteArray(), "test"), true);
    Map<String, Tensor> expected = net.stateDict();
    again
        .stateDict()
        .forEach(
            (name, tensor) -> {
              assertEquals(expected.get(name).dtype(), tensor.dtype(), name);
              assertEquals(expected.get(name).shape(), tensor.shape(), name);
              assertArrayEquals(
                  expected.get(name).toDoubleArray(), tensor.toDoubleArray(), 0, name);
            });
    assertEquals(1, again.stateDict().get("bn1.num_batches_tracked").item());
    assertFalse(again.namedParameters().get("conv1.weight").requiresGrad());
    assertTrue(again.namedParameters().get("bn1.weight").requiresGrad());
  }

  @ParameterizedTest
  @MethodSource("small")
  void survivesTheWayThroughJson(Module net) {
    Module again = Architecture.fromJson(Architecture.toJson(net));
    assertEquals(net.toString(), again.toString());
    again.loadStateDict(net.stateDict(), true);
    net.eval();
    again.eval();
    Tensor x = Tensor.ones(1, 3, SIDE, SIDE);
    assertArrayEquals(net.forward(x).toFloatArray(), again.forward(x).toFloatArray());
  }

  static Stream<Module> small() {
    return Stream.of(
        ResNet.cifar(20, 10),
        new Sequential(new Bottleneck(3, 2, 2), new BasicBlock(8, 4, 2, false)));
  }

  @Test
  @DisplayName("a CIFAR network trains: every parameter receives a gradient")
  void trains() {
    Module net = ResNet.cifar(8, 10);
    net.forward(Tensor.ones(2, 3, 8, 8)).square().sum().backward();
    net.namedParameters().forEach((name, p) -> assertNotNull(p.grad(), name));
    rejects(
        IllegalArgumentException.class,
        "ResNet: expected a depth of 6n + 2 such as 20, 32 or 56, got 18",
        () -> ResNet.cifar(18, 10));
  }

  @Test
  @DisplayName("published sizes of the CIFAR networks: 0.27, 0.46 and 0.85 million")
  void cifarSizes() {
    int[] depths = {20, 32, 56};
    long[] parameters = {269_722, 464_154, 853_018};
    for (int i = 0; i < depths.length; i++) {
      Module net = ResNet.cifar(depths[i], 10);
      assertEquals(parameters[i], net.parameters().stream().mapToLong(Tensor::numel).sum());
    }
  }

  @Test
  @DisplayName(
      "SER-4: trained ResNet-20 weights load strictly and give PyTorch's logits within 1e-4")
  void golden() throws IOException {
    Path weights = data("weights/resnet20-cifar10/resnet20-12fca82f.safetensors");
    Path images = data("cifar10-jpeg/cifar10_jpeg_test10000.zip");
    JsonNode logits =
        new ObjectMapper()
            .readTree(data("weights/resnet20-cifar10/golden_resnet20_test_logits.json").toFile())
            .get("logits");
    Module net = ResNet.cifar(20, 10);
    net.loadStateDict(Safetensors.read(weights), true);
    net.eval();
    float[] pixels = firstOfEachClass(images, 20);
    float[] expected = new float[2000];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) logits.get(i / 10).get(i % 10).asDouble();
    }
    assertEquals(200, logits.size());
    try (var mode = GradMode.noGrad()) {
      Tensor y = net.forward(Tensor.of(pixels, 200, 3, SIDE, SIDE));
      assertArrayEquals(expected, y.toFloatArray(), 1e-4f);
    }
  }

  /** Classes and files in the order of their names. */
  private static float[] firstOfEachClass(Path zip, int count) throws IOException {
    Map<String, List<ZipEntry>> classes = new TreeMap<>();
    List<Float> values = new ArrayList<>();
    try (ZipFile file = new ZipFile(zip.toFile())) {
      file.stream()
          .filter(e -> e.getName().endsWith(".jpg"))
          .sorted((a, b) -> a.getName().compareTo(b.getName()))
          .forEach(
              e ->
                  classes
                      .computeIfAbsent(
                          Path.of(e.getName()).getName(0).toString(), k -> new ArrayList<>())
                      .add(e));
      assertEquals(10, classes.size());
      for (List<ZipEntry> entries : classes.values()) {
        for (ZipEntry entry : entries.subList(0, count)) {
          try (var in = file.getInputStream(entry)) {
            addNormalized(ImageIO.read(in), values);
          }
        }
      }
    }
    float[] out = new float[values.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = values.get(i);
    }
    assertTrue(out.length > 0);
    return out;
  }

  private static void addNormalized(BufferedImage image, List<Float> values) {
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < SIDE * SIDE; i++) {
        int value = (image.getRGB(i % SIDE, i / SIDE) >> (16 - 8 * c)) & 0xFF;
        values.add((value / 255f - MEAN[c]) / STD[c]);
      }
    }
  }
}
