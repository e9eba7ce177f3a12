// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Epilogue;
import org.jspecify.annotations.Nullable;

/**
 * What is done to the sums of a product: a bias is added, then an epilogue applied. Element i has
 * channel {@code i / inner % channels}.
 */
record Finish(@Nullable Buffer bias, Epilogue epilogue, int inner, int channels) {
  static final Finish NONE = new Finish(null, Epilogue.NONE, 1, 1);

  boolean isNothing() {
    return bias == null && epilogue.equals(Epilogue.NONE);
  }

  /** The arguments that every kernel with a finish takes. */
  KernelCall addTo(KernelCall call) {
    return call.read(bias)
        .read(epilogue.scale())
        .read(epilogue.shift())
        .read(epilogue.summand())
        .flag(epilogue.relu());
  }
}
