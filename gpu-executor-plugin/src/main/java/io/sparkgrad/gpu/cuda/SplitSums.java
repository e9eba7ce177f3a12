// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;

/**
 * Where a kernel puts its sums: into the result or, where they are split, side by side into memory
 * from which a second kernel adds them in their order.
 */
final class SplitSums implements AutoCloseable {
  private static final String FILE = "split_sums.sm75";

  private final Kernels kernels;
  private final Buffer result;
  private final int splits;
  private final Workspace partial;

  SplitSums(Kernels kernels, DeviceMemory memory, Buffer result, int splits) {
    this.kernels = kernels;
    this.result = result;
    this.splits = splits;
    partial =
        Workspace.of(memory, splits == 1 ? 0 : splits * result.length() * result.dtype().bytes());
  }

  /** Elements of the result. */
  int total() {
    return ElementCount.of("sums in parts", result.length());
  }

  /** Adds the target of the first kernel to its arguments. */
  KernelCall addTo(KernelCall call) {
    return splits == 1 ? call.overwrite(result) : call.address(partial.address());
  }

  /** What the first kernel does with its sums, of what is to be done. */
  Finish first(Finish finish) {
    return splits == 1 ? finish : Finish.NONE;
  }

  /** Adds them where they are split; behind the first kernel. */
  void add(Finish finish) {
    if (splits > 1) {
      KernelCall call = new KernelCall(kernels, FILE, result.dtype()).address(partial.address());
      add(call.overwrite(result), splits, finish, total());
    }
  }

  /** Does to sums that are in the result already what is to be done, in place. */
  static void finish(Kernels kernels, Finish finish, Buffer result) {
    KernelCall call = new KernelCall(kernels, FILE, result.dtype()).read(result);
    add(call.read(result), 1, finish, ElementCount.of("finish of sums", result.length()));
  }

  private static void add(KernelCall call, int splits, Finish finish, int total) {
    finish
        .addTo(call)
        .integers(total, splits, finish.inner(), finish.channels())
        .run("split_sums", total);
  }

  @Override
  public void close() {
    partial.close();
  }
}
