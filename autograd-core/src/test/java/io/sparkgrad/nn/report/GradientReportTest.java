// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.MobileNetV4;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.nn.report.GradientReport.NodeGradients;
import io.sparkgrad.nn.report.GradientReport.ParameterGradient;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradientReportTest {
  private final Module net = SimpleCnn.create(3, 8, 8, 10);
  private final Tensor x = Tensor.ones(2, 3, 8, 8);

  private Tensor loss(Tensor logits) {
    return new CrossEntropyLoss().forward(logits, Tensor.of(new long[] {1, 2}));
  }

  private Tensor watchedLoss() {
    try (var scope = GradientReport.watch()) {
      return loss(net.forward(x));
    }
  }

  /** The network in two halves, with something done to what passes between them. */
  private Tensor split(UnaryOperator<Tensor> between) {
    Map<String, Module> layers = net.namedChildren();
    try (var scope = GradientReport.watch()) {
      Tensor conv1 = layers.get("conv1").forward(x).relu();
      Tensor conv2 = between.apply(layers.get("conv2").forward(conv1).relu());
      return loss(layers.get("fc").forward(conv2.flatten(1)));
    }
  }

  private static String reason(GradientReport report, String parameter) {
    return report.parameters().stream()
        .filter(p -> p.name().equals(parameter))
        .map(ParameterGradient::reason)
        .findFirst()
        .orElseThrow();
  }

  private static NodeGradients node(GradientReport report, String computesOrSkips) {
    return report.nodes().stream()
        .filter(n -> n.computes().contains(computesOrSkips) || n.skips().contains(computesOrSkips))
        .findFirst()
        .orElseThrow();
  }

  private void agreesWithBackward(GradientReport report, Tensor loss) {
    if (loss.requiresGrad()) {
      loss.backward();
    }
    for (ParameterGradient p : report.parameters()) {
      boolean received = net.namedParameters().get(p.name()).grad() != null;
      assertEquals(received, p.receivesGradient(), p.name());
      assertEquals(received, p.reason().isEmpty(), p.name());
    }
  }

  @ParameterizedTest(name = "frozen {0}, x wants a gradient {1}")
  @DisplayName("PRN-4: the report says what backward then does, watched or not")
  @CsvSource({
    "'', false",
    "conv1, false",
    "conv2, false",
    "conv1 conv2, false",
    "conv1, true",
    "conv1 conv2 fc, false"
  })
  void configurations(String frozen, boolean input) {
    if (!frozen.isEmpty()) {
      net.freeze(List.of(frozen.split(" ")));
    }
    x.requiresGrad_(input);
    Tensor plain = loss(net.forward(x));
    agreesWithBackward(GradientReport.of(plain, net), plain);
    net.zeroGrad();
    Tensor watched = watchedLoss();
    agreesWithBackward(GradientReport.of(watched, net), watched);
  }

  @Test
  @DisplayName("PRN-4: which operation computes which gradient and which it skips")
  void nodes() {
    net.freeze(List.of("conv1"));
    GradientReport report = GradientReport.of(watchedLoss(), net);
    NodeGradients conv2 = node(report, "conv2.weight");
    assertEquals("Conv2d", conv2.node());
    assertEquals(List.of("conv2.weight", "conv2.bias"), conv2.computes());
    assertEquals(List.of("Relu"), conv2.skips());
    assertTrue(report.nodes().stream().noneMatch(n -> n.computes().contains("conv1.weight")));
    assertEquals(25_130, report.numelWithGradient()); // PRN-7
    assertEquals(448, report.numelWithoutGradient());
    assertEquals("frozen", reason(report, "conv1.bias"));
    net.requiresGrad_(true);
    net.freeze(List.of("conv2"));
    NodeGradients through = node(GradientReport.of(watchedLoss(), net), "conv2.weight");
    assertEquals(List.of("Relu"), through.computes());
    assertEquals(List.of("conv2.weight", "conv2.bias"), through.skips());
  }

  @Test
  @DisplayName("detach: names what was cut off; unwatched it says only that nothing arrives")
  void detached() {
    Tensor loss = split(Tensor::detach);
    GradientReport report = GradientReport.of(loss, net);
    assertEquals("cut by detach after Relu [2, 32, 8, 8]", reason(report, "conv1.weight"));
    assertEquals("cut by detach after Relu [2, 32, 8, 8]", reason(report, "conv2.bias"));
    agreesWithBackward(report, loss);
    Tensor unwatched = loss(net.forward(x).detach().mul(net.parameters().get(5)));
    assertEquals(
        "not reached by this loss (unwatched: cut off or not used)",
        reason(GradientReport.of(unwatched, net), "conv1.weight"));
  }

  @Test
  @DisplayName("noGrad: names the operation that used the parameter")
  void noGrad() {
    Tensor features;
    Tensor loss;
    try (var scope = GradientReport.watch()) {
      try (var mode = GradMode.noGrad()) {
        features = net.namedChildren().get("conv1").forward(x).relu();
      }
      Tensor conv2 = net.namedChildren().get("conv2").forward(features);
      loss = loss(net.namedChildren().get("fc").forward(conv2.flatten(1)));
    }
    GradientReport report = GradientReport.of(loss, net);
    assertEquals("used under noGrad by Conv2d [2, 16, 8, 8]", reason(report, "conv1.weight"));
    assertEquals("", reason(report, "conv2.weight"));
    agreesWithBackward(report, loss);
  }

  @Test
  @DisplayName("a parameter that the loss does not depend on, and one unfrozen too late (ENG-14)")
  void notUsed() {
    Module fc = net.namedChildren().get("fc");
    Tensor loss;
    net.freeze(List.of("fc.bias"));
    try (var scope = GradientReport.watch()) {
      loss = loss(fc.forward(Tensor.ones(2, 2048)));
    }
    fc.requiresGrad_(true);
    GradientReport report = GradientReport.of(loss, net);
    assertEquals("not used by this loss", reason(report, "conv1.weight"));
    assertEquals("frozen while the loss was computed", reason(report, "fc.bias"));
    agreesWithBackward(report, loss);
  }

  @Test
  @DisplayName("ENG-14: frozen after the forward pass it receives nothing")
  void frozenLater() {
    Tensor loss = watchedLoss();
    net.freeze(List.of("conv1"));
    GradientReport report = GradientReport.of(loss, net);
    assertEquals("frozen", reason(report, "conv1.weight"));
    assertTrue(node(report, "conv1.weight").skips().contains("conv1.weight"));
    agreesWithBackward(report, loss);
  }

  @Test
  @DisplayName("a parameter used on two ways receives a gradient if one of them is open")
  void twoWays() {
    Tensor loss = split(y -> y.detach().add(y));
    GradientReport report = GradientReport.of(loss, net);
    assertEquals("", reason(report, "conv1.weight"));
    agreesWithBackward(report, loss);
  }

  @ParameterizedTest
  @DisplayName("the table fits 80 columns")
  @ValueSource(booleans = {true, false})
  void table(boolean mobile) {
    Module module = mobile ? MobileNetV4.convSmall050(10) : net;
    Tensor loss;
    try (var scope = GradientReport.watch()) {
      loss = module.forward(mobile ? Tensor.ones(1, 1, 32, 32) : x).sum();
    }
    String text = GradientReport.of(loss, module).toString();
    assertTrue(text.lines().allMatch(l -> l.length() <= 80), text);
    assertTrue(text.contains("parameters receive a gradient"), text);
  }

  @Test
  void readsLikeThis() {
    Sequential head = new Sequential(new Linear(2, 3));
    head.freeze(List.of("0.bias"));
    Tensor loss;
    try (var scope = GradientReport.watch()) {
      loss = head.forward(Tensor.ones(1, 2)).sum();
    }
    assertEquals(
        """
        parameter  shape   values  gradient  reason
        ---------  ------  ------  --------  ------
        0.weight   [3, 2]       6  yes
        0.bias     [3]          3  no        frozen
        1 of 2 parameters receive a gradient: 6 values of 9.

        backward of  shape   computes  skips
        -----------  ------  --------  --------------
        Sum          []      Linear
        Linear       [1, 3]  0.weight  tensor, 0.bias
        """,
        GradientReport.of(loss, head).toString());
  }

  @Test
  @DisplayName("with everything frozen it says that backward would throw (BWD-1)")
  void allFrozen() {
    net.requiresGrad_(false);
    String text = GradientReport.of(watchedLoss(), net).toString();
    assertTrue(text.contains("backward() would throw"), text);
  }

  @Test
  @DisplayName("a chain of 20,000 operations on the default stack, drawn too")
  void deep() {
    Module fc = new Linear(1, 1);
    Tensor y;
    try (var scope = GradientReport.watch()) {
      y = fc.forward(Tensor.ones(1, 1));
      for (int i = 0; i < 20_000; i++) {
        y = y.add(1);
      }
    }
    GradientReport report = GradientReport.of(y, fc);
    assertEquals(2, report.numelWithGradient());
    assertFalse(report.toSvg().isEmpty());
  }
}
