// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.spark.data.InputException;
import java.util.List;

/** Checks settings that are one of some names. */
final class Names {
  private Names() {}

  static void check(String setting, String name, List<String> known) {
    if (!known.contains(name)) {
      throw new InputException(
          "%s: expected one of %s, got '%s'.".formatted(setting, String.join(", ", known), name));
    }
  }
}
