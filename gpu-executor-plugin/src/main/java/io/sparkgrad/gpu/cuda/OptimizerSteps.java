// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.AdamStep;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.SgdStep;
import java.util.List;

/** To be written. */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
final class OptimizerSteps {
  private final Kernels kernels;
  private final DeviceMemory memory;

  OptimizerSteps(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void sgdStep(
      SgdStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> momentumBuffers) {
    throw new UnsupportedOperationException("sgdStep");
  }

  void adamStep(
      AdamStep settings,
      List<Buffer> parameters,
      List<Buffer> gradients,
      List<Buffer> expAvgs,
      List<Buffer> expAvgSqs,
      List<Buffer> maxExpAvgSqs) {
    throw new UnsupportedOperationException("adamStep");
  }
}
