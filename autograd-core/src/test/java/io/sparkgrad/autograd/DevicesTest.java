// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.CountingBackend;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.nn.BatchNorm1d;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Sequential;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Tensors on another device than the CPU's, which refuses what is not its own. */
class DevicesTest {
  private final Backend cpu = Backends.cpu().backend();
  private final Backend elsewhere = new CountingBackend(Backends.byName("java")).backend();

  @Test
  @DisplayName("parameters, gradients and buffers move and stay the same objects, frozen or not")
  void modulesMove() {
    Sequential network = new Sequential(new Linear(2, 3), new BatchNorm1d(3));
    Tensor weight = network.parameters().get(0);
    network.parameters().get(1).requiresGrad_(false);
    network.forward(Tensor.of(new float[] {1, 2, 3, 4}, 2, 2)).sum().backward();
    float[] gradient = weight.grad().toFloatArray();

    assertSame(network, network.to(elsewhere));

    assertSame(weight, network.parameters().get(0));
    network.parameters().forEach(p -> assertSame(elsewhere, p.backend()));
    network.buffers().forEach(b -> assertSame(elsewhere, b.backend()));
    assertSame(elsewhere, weight.grad().backend());
    assertArrayEquals(gradient, weight.grad().toFloatArray());
    assertTrue(weight.requiresGrad());
    assertEquals(false, network.parameters().get(1).requiresGrad());
    assertNull(network.parameters().get(1).grad());
  }

  @Test
  @DisplayName("a state dict from another device is copied in, and goes back")
  void stateDicts() {
    Linear saved = new Linear(2, 1);
    Linear there = new Linear(2, 1);
    there.to(elsewhere);
    there.loadStateDict(saved.stateDict(), true);
    there.stateDict().values().forEach(t -> assertSame(elsewhere, t.backend()));
    Linear back = new Linear(2, 1);
    back.loadStateDict(there.stateDict(), true);
    assertArrayEquals(
        saved.parameters().get(0).toFloatArray(), back.parameters().get(0).toFloatArray());
  }

  @Test
  void factoriesFollowTheScopeOfTheirThread() {
    try (var device = DefaultBackend.set(elsewhere)) {
      assertSame(elsewhere, Tensor.zeros(2).backend());
      assertSame(elsewhere, Tensor.randn(new Generator(1), 2).backend());
      assertSame(elsewhere, new Linear(2, 2).parameters().get(0).backend());
    }
    assertSame(cpu, Tensor.zeros(2).backend());
  }

  @Test
  void mixedDevicesGetOneSentence() {
    Tensor here = Tensor.ones(2);
    Tensor there = here.to(elsewhere);
    var e = assertThrows(AutogradException.class, () -> here.add(there));
    assertEquals(
        "add: expected all tensors on one device, got %s and java; move one of them with to(...)"
            .formatted(cpu.name()),
        e.getMessage());
  }

  @Test
  @DisplayName("no operation, layer, loss or optimiser reaches for the CPU on its own")
  void testsRunAgainElsewhere() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-D" + Backends.CPU_PROPERTY + "=none"); // whoever asks for the CPU's gets an error
    command.add(TestsElsewhere.class.getName());
    command.addAll(
        List.of(
            "io.sparkgrad.autograd.op",
            "io.sparkgrad.io",
            "io.sparkgrad.nn",
            "io.sparkgrad.nn.loss",
            "io.sparkgrad.nn.models",
            "io.sparkgrad.optim",
            "io.sparkgrad.optim.lrscheduler"));
    Process process = new ProcessBuilder(command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("failed: 0", output.lines().reduce((first, last) -> last).orElse(""), output);
  }
}
