// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import com.sun.jna.Function;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps oneDNN to the thread that calls it. Its build for the JVM runs loops under OpenMP and has
 * no setting of its own; OpenMP's is per thread. Parallel work is this package's own affair.
 */
final class OpenMp {
  private static final System.Logger LOG = System.getLogger(OpenMp.class.getName());

  /** The runtimes that come with oneDNN on Linux, macOS and Windows, already loaded by then. */
  private static final List<String> LIBRARIES =
      List.of("libgomp.so.1", "libomp.dylib", "libiomp5.dylib", "vcomp140", "libiomp5md");

  private static final @Nullable Function SET_NUM_THREADS = find();

  private OpenMp() {}

  private static @Nullable Function find() {
    for (String library : LIBRARIES) {
      try {
        return Function.getFunction(library, "omp_set_num_threads");
      } catch (LinkageError e) {
        LOG.log(System.Logger.Level.DEBUG, "no OpenMP in " + library, e);
      }
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "onednn backend: no OpenMP runtime found to limit; set OMP_NUM_THREADS=1 in the environment, or threads compete for cores.");
    return null;
  }

  static void useOneThread() {
    if (SET_NUM_THREADS != null) {
      SET_NUM_THREADS.invokeVoid(new Object[] {1});
    }
  }
}
