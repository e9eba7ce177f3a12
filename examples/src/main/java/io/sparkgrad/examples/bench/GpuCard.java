// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.backend.MatmulPrecision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What NVIDIA's data sheets say of a card: 10¹² multiplications and additions a second of dense
 * products, as {@link MatmulPrecision} has them.
 *
 * @param name a part of what the driver calls it
 */
record GpuCard(String name, double fp32, double tf32, double bf16) {
  private static final double NONE = Double.NaN;

  /** A name that is part of another's comes after it. */
  private static final List<GpuCard> KNOWN =
      List.of(
          new GpuCard("H200", 66.9, 494.7, 989.4),
          new GpuCard("H100 PCIe", 51.2, 378, 756),
          new GpuCard("H100", 66.9, 494.7, 989.4),
          new GpuCard("A100", 19.5, 156, 312),
          new GpuCard("A30", 10.3, 82, 165),
          new GpuCard("A10", 31.2, 62.5, 125),
          new GpuCard("L40S", 91.6, 183, 362),
          new GpuCard("L40", 90.5, 90.5, 181),
          new GpuCard("L4", 30.3, 60, 121),
          new GpuCard("T4", 8.1, NONE, NONE));

  /** The peak of the card that is called so; empty if it is not known. */
  static OptionalDouble tflops(String driversName, MatmulPrecision precision) {
    for (GpuCard card : KNOWN) {
      if (driversName.contains(card.name)) {
        double peak =
            switch (precision) {
              case FP32 -> card.fp32;
              case TF32 -> card.tf32;
              case BF16 -> card.bf16;
            };
        return Double.isNaN(peak) ? OptionalDouble.empty() : OptionalDouble.of(peak);
      }
    }
    return OptionalDouble.empty();
  }

  /** The first GPU's name, empty if nvidia-smi does not tell. */
  static String driversName() {
    try {
      Process process =
          new ProcessBuilder("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? answer.lines().findFirst().orElse("") : "";
    } catch (IOException notInstalled) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
