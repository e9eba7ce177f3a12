// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Sequential;
import io.sparkgrad.nn.models.SimpleCnn;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** One image through a network with and without {@code torch.no_grad()}. */
@Command(
    name = "inference",
    description = "Runs a CNN on one image under noGrad and shows that nothing was recorded.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class NoGradInference implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Generator.current().manualSeed(0);
    Sequential model = SimpleCnn.create(3, 32, 32, 10);
    model.eval();
    Tensor image = Tensor.randn(Generator.current(), 1, 3, 32, 32);

    Tensor logits;
    try (var mode = GradMode.noGrad()) {
      logits = model.call(image);
    }
    show(out, "under noGrad", logits);
    show(out, "recorded", model.call(image));

    Tensor probabilities = logits.softmax(1);
    long best = logits.argmax().toLongArray()[0];
    out.printf("class %d with probability %.4f%n", best, probabilities.toFloatArray()[(int) best]);
  }

  private static void show(PrintWriter out, String how, Tensor t) {
    out.printf(
        "%-13s requiresGrad %-5s  gradFn %s%n",
        how, t.requiresGrad(), t.gradFn() == null ? "none: nothing was recorded" : t.gradFn());
  }
}
