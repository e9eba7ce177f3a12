// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.libtorch;

import io.sparkgrad.examples.bench.Candidate;
import io.sparkgrad.examples.bench.Workload;
import org.bytedeco.pytorch.global.torch;

/** libtorch with row-major tensors. */
public final class Libtorch implements Candidate {
  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public String start(int threads) {
    return describe(threads);
  }

  static String describe(int threads) {
    torch.set_num_threads(threads);
    return "threads: " + torch.get_num_threads();
  }

  @Override
  public Trial prepare(Workload workload) {
    return new LibtorchTrial(workload, torch.MemoryFormat.Contiguous);
  }
}
