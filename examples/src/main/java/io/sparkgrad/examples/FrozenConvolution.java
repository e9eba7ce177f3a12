// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.loss.CrossEntropyLoss;
import io.sparkgrad.nn.models.SimpleCnn;
import io.sparkgrad.optim.Adam;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Which parameters get gradients? Those that require one: here conv1 is frozen, as {@code for p in
 * model.conv1.parameters(): p.requires_grad_(False)} does in PyTorch.
 */
@Command(
    name = "simple-cnn",
    description = "Trains a small CNN whose first layer is frozen and shows who got gradients.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class FrozenConvolution implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Generator.current().manualSeed(0);
    Sequential model = SimpleCnn.create(3, 32, 32, 10);
    model.freeze(List.of("conv1"));
    Map<String, float[]> before = values(model);

    Tensor images = Tensor.randn(Generator.current(), 4, 3, 32, 32);
    Tensor labels = Tensor.of(new long[] {3, 1, 4, 1});
    Adam optimizer = new Adam(model.parameters(), Adam.Options.DEFAULT);
    Tensor loss = new CrossEntropyLoss().forward(model.call(images), labels);
    loss.backward();
    optimizer.step();

    out.print(model.summary(4, 3, 32, 32));
    out.printf(
        "%nloss %.4f%n%n%-14s %-14s %-8s %s%n",
        loss.item(), "parameter", "requires grad", "gradient", "changed");
    Map<String, float[]> after = values(model);
    model
        .namedParameters()
        .forEach(
            (name, p) ->
                out.printf(
                    "%-14s %-14s %-8s %s%n",
                    name,
                    p.requiresGrad(),
                    p.grad() == null ? "none" : "yes",
                    Arrays.equals(before.get(name), after.get(name)) ? "no" : "yes"));
    boolean same =
        Arrays.equals(before.get("conv1.weight"), after.get("conv1.weight"))
            && Arrays.equals(before.get("conv1.bias"), after.get("conv1.bias"));
    out.printf("%nconv1 is bit for bit what it was: %s%n", same);
  }

  private static Map<String, float[]> values(Sequential model) {
    return model.stateDict().entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, e -> Objects.requireNonNull(e.getValue()).toFloatArray()));
  }
}
