// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu;

import java.util.Locale;

/** Whether an executor that cannot use CUDA refuses to start. */
enum GpuRequirement {
  /** Only if Spark assigned it a GPU. */
  AUTO,
  /** Always. */
  TRUE,
  /** Never: it computes on the CPU. */
  FALSE;

  static GpuRequirement parse(String text) {
    for (GpuRequirement value : values()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(text.toLowerCase(Locale.ROOT))) {
        return value;
      }
    }
    throw new IllegalArgumentException("expected auto, true or false, got '" + text + "'");
  }

  boolean refuses(boolean gpuAssigned) {
    return this == TRUE || (this == AUTO && gpuAssigned);
  }
}
