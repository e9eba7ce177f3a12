// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import picocli.CommandLine.IVersionProvider;

/** The version in the manifest of the jar. */
public final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {"Sparkgrad " + (version == null ? "(not run from its jar)" : version)};
  }
}
