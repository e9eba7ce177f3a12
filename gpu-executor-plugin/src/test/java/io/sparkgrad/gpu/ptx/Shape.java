// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sizes in a part like {@code m16n8k8}: a product of m×k and k×n. */
record Shape(int m, int n, int k) {
  private static final Pattern PATTERN = Pattern.compile("m(\\d+)n(\\d+)k(\\d+)");

  static Shape of(Statement s) {
    for (String part : s.parts()) {
      Matcher matcher = PATTERN.matcher(part);
      if (matcher.matches()) {
        return new Shape(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)));
      }
    }
    throw s.unknown();
  }
}
