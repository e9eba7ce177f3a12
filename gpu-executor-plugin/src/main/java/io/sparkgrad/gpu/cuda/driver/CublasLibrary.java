// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.jcublas.JCublas2;

/**
 * Whether this process can use cuBLAS, which comes with CUDA's toolkit and not with the driver.
 * Links JCublas2 once and keeps the answer, because a class that failed to link cannot be tried
 * again.
 */
public final class CublasLibrary {
  private static final System.Logger LOG = System.getLogger(CublasLibrary.class.getName());

  private static final Pattern NOT_FOUND =
      Pattern.compile("(libcublas\\w*\\.so\\.\\d+): cannot open shared object file");

  private CublasLibrary() {}

  /** Links when it is first needed, and once. */
  private static final class Verdict {
    static final Optional<String> UNAVAILABLE = link();
  }

  /** In one sentence; empty if it can be used. Never throws. */
  public static Optional<String> unavailableReason() {
    return Verdict.UNAVAILABLE;
  }

  private static Optional<String> link() {
    try {
      JCublas2.initialize();
      JCublas2.setExceptionsEnabled(false); // its exceptions carry no status
      return Optional.empty();
    } catch (LinkageError e) {
      LOG.log(System.Logger.Level.DEBUG, "JCublas2 did not link", e);
      return Optional.of(reason(LinkFailure.cause(e)));
    }
  }

  private static String reason(String cause) {
    Matcher missing = NOT_FOUND.matcher(cause);
    return missing.find()
        ? "%s was not found: CUDA 12's toolkit has it, and its directory has to be in LD_LIBRARY_PATH (spark.executor.extraLibraryPath)"
            .formatted(missing.group(1))
        : "JCublas2 does not load (%s)".formatted(cause);
  }
}
