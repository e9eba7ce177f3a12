// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Parameter;
import io.sparkgrad.nn.loss.MseLoss;
import io.sparkgrad.optim.SGD;
import java.io.PrintWriter;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A line through three points. In PyTorch:
 *
 * <pre>{@code
 * model = nn.Linear(1, 1); loss = F.mse_loss(model(x), y); loss.backward()
 * }</pre>
 */
@Command(
    name = "linear-regression",
    description = "Fits a line to three points and prints PyTorch's gradients.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class LinearRegression implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 3, 1);
    Tensor y = Tensor.of(new float[] {2, 4, 5}, 3, 1);

    Linear model = new Linear(1, 1);
    Parameter weight = model.weight();
    Parameter bias = Objects.requireNonNull(model.bias());
    try (var mode = GradMode.noGrad()) { // start where the gradients can be computed by hand
      weight.fill_(0.5);
      bias.fill_(0);
    }

    MseLoss criterion = new MseLoss();
    SGD optimizer = new SGD(model.parameters(), SGD.Options.DEFAULT.withLr(0.1));

    Tensor loss = criterion.forward(model.call(x), y);
    loss.backward();
    // d loss/d w = 2/3·Σ(w·x + b − y)·x,  d loss/d b = 2/3·Σ(w·x + b − y)
    out.printf(
        "loss %.6f  weight.grad %.6f  bias.grad %.6f%n", loss.item(), grad(weight), grad(bias));

    for (int step = 0; step < 200; step++) {
      optimizer.zeroGrad();
      criterion.forward(model.call(x), y).backward();
      optimizer.step();
    }
    // Least squares by hand: y = 1.5·x + 2/3
    out.printf("after 200 steps  y = %.4f x + %.4f%n", weight.item(), bias.item());
  }

  private static double grad(Parameter p) {
    return Objects.requireNonNull(p.grad()).item();
  }
}
