// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The examples without Spark, as the command line runs them. */
class ExamplesTest {
  @Test
  void withoutANameTheExamplesAreListed() {
    CommandLineRun run = CommandLineRun.of();
    assertEquals(0, run.exitCode());
    for (String name :
        List.of(
            "linear-regression",
            "simple-cnn",
            "inference",
            "fine-tune",
            "bench-cpu",
            "bench-mllib")) {
      assertTrue(run.out().contains("  " + name), run.out());
    }
  }

  @Test
  void anUnknownNameIsAUsageError() {
    CommandLineRun run = CommandLineRun.of("fine-tone");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("Did you mean: examples/run fine-tune"), run.err());
  }

  @Test
  @DisplayName("w = 0.5, b = 0 on (1,2), (2,4), (3,5): PyTorch prints 7.8333, -12, -5.3333")
  void linearRegressionPrintsPyTorchsGradients() {
    List<String> lines = CommandLineRun.of("linear-regression").out().lines().toList();
    // residuals -1.5, -3, -3.5: squares sum to 23.5; times x to -18; plain to -8; each by 2/3 or
    // 1/3
    assertEquals("loss 7.833333  weight.grad -12.000000  bias.grad -5.333333", lines.get(0));
    assertEquals("after 200 steps  y = 1.5006 x + 0.6652", lines.get(1));
  }

  @Test
  void simpleCnnShowsThatTheFrozenLayerGotNoGradientAndDidNotChange() {
    String out = CommandLineRun.of("simple-cnn").out();
    for (String layer : List.of("conv1", "conv2", "fc")) {
      String frozen = " +false +none +no\n";
      String trained = " +true +yes +yes\n";
      for (String p : List.of("weight", "bias")) {
        String row = layer + "\\." + p + (layer.equals("conv1") ? frozen : trained);
        assertTrue(out.matches("(?s).*\n" + row + ".*"), row + " in " + out);
      }
    }
    assertTrue(out.endsWith("conv1 is bit for bit what it was: true\n"), out);
  }

  @Test
  void inferenceRecordsNothingUnderNoGrad() {
    List<String> lines = CommandLineRun.of("inference").out().lines().toList();
    assertEquals(
        "under noGrad  requiresGrad false  gradFn none: nothing was recorded", lines.get(0));
    assertEquals("recorded      requiresGrad true   gradFn LinearBackward", lines.get(1));
    assertTrue(lines.get(2).matches("class \\d with probability 0\\.\\d{4}"), lines.get(2));
  }
}
